import { column, columns } from "../../database/table-columns.ts";
import type { FactTable, RowTable } from "./history-tables.ts";
import type { RememberedTable } from "./remembered-rows.ts";
import { stableJson } from "./stable-json.ts";

/** One row a count or a part of one. Only complete ones say what is sold. */
export const countFacts: FactTable = {
  table: "event_count",
  order: columns({ counted_at: "timestamptz", fact_key: "text" }),
  seen: "counted_at",
  where: "complete",
  sets: columns({ named_types: "bigint" }),
};

/** What a count says of a ticket type, hours apart. */
export const countNumbers = columns({
  sold: "integer",
  sold_under_shop: "integer",
  sold_by_under_shop: "jsonb",
  complimentary: "integer",
  replaced: "integer",
  triggered: "integer",
  flex_add_ons: "integer",
  reserved: "integer",
  reserved_by_under_shop: "jsonb",
  invalid: "integer",
  blank: "integer",
  value: "jsonb",
});

/** How the newest numbers are read for who read most of them before. */
export const salesTable: RememberedTable = {
  table: "ticket_type_sales",
  item: column("ticket_type_id", "text"),
  columns: () => [...countNumbers, ...columns({ changed_at: "timestamptz" })],
  order: [],
};

export const countRows: RowTable = {
  table: "ticket_type_count",
  facts: countFacts,
  item: "ticket_type_id",
  current: salesTable,
  setColumn: "named_types",
  keepsSince: false,
  values: countNumbers,
  textOf: (row) => stableJson(countNumbers.map(({ field }) => row[field] ?? null)),
  columnsOf(value) {
    // The cast: `textOf` made it.
    const said = JSON.parse(value) as unknown[];
    return Object.fromEntries(countNumbers.map(({ name }, index) => [name, said[index]]));
  },
};
