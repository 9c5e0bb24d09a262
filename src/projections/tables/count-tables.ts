import type { FactTable, RowTable } from "./kept-history.ts";
import { stableJson } from "./stable-json.ts";
import { columns } from "./table-columns.ts";

/** One row a count or a part of one. Only complete ones say what is sold. */
export const countFacts: FactTable = {
  table: "event_count",
  order: columns({ counted_at: "timestamptz", fact_key: "text" }),
  seen: "counted_at",
  where: "complete",
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

export const countRows: RowTable = {
  table: "ticket_type_count",
  facts: countFacts,
  item: "ticket_type_id",
  current: "ticket_type_sales",
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
