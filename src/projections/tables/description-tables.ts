import { type Column, column, columns } from "../../database/table-columns.ts";
import type { FactTable, RowTable } from "./history-tables.ts";
import type { RememberedTable } from "./remembered-rows.ts";
import { stableJson } from "./stable-json.ts";

/** One row a description of an event, or a part of one. */
export const descriptionFacts: FactTable = {
  table: "event_version",
  order: columns({ version_at: "timestamptz", observed_at: "timestamptz", fact_key: "text" }),
  seen: "observed_at",
  sets: columns({ named_types: "bigint", named_shops: "bigint" }),
};

/** An event's own columns: each holds the fact's field of its name, or of the one that stands below. */
export const headColumns = columns(
  {
    account: "text",
    name: "text",
    event_type: "text",
    location_name: "text",
    location_city: "text",
    location_country: "text",
    timezone: "text",
    created_at: "timestamptz",
    start_at: "timestamptz",
    end_at: "timestamptz",
    sell_start: "timestamptz",
    sell_end: "timestamptz",
    visible_after: "timestamptz",
    hide_in_listing: "boolean",
    unreadable: "text[]",
    max_amount: "integer",
    currency: "text",
    categories: "jsonb",
    ticket_type_ids: "text[]",
    under_shop_ids: "text[]",
    child_event_ids: "text[]",
  },
  { start_at: "start", end_at: "end" },
);

export const ticketTypeColumns = columns({
  name: "text",
  price_minor: "bigint",
  amount: "integer",
  active: "boolean",
  category_ref: "text",
  auto_added: "boolean",
  ignore_for_max_amounts: "boolean",
  conditional_availability: "boolean",
  hidden_in_selection_area: "boolean",
  allocations: "jsonb",
});

export const underShopColumns = columns({
  name: "text",
  active: "boolean",
  sell_start: "timestamptz",
  sell_end: "timestamptz",
  inventory_strategy: "text",
  max_amount: "integer",
  category_amounts: "jsonb",
  customer_tags: "jsonb",
});

/** How undershops are read for who read most of them before. */
export const shopsTable: RememberedTable = {
  table: "under_shop",
  item: column("under_shop_id", "text"),
  columns: () => [...columns({ event_id: "text" }), ...underShopColumns],
  order: [],
};

/** A history of documents: what a fact says of a thing is kept as it is said. */
const documents = (
  table: string,
  document: readonly Column[],
  item?: { item: string; setColumn: string },
): RowTable => ({
  table,
  facts: descriptionFacts,
  document,
  ...item,
  keepsSince: true,
  values: columns({ content: "jsonb" }),
  textOf: ({ content }) => stableJson(content),
  columnsOf: (value) => ({ content: JSON.parse(value) }),
});

export const headRows = documents("event_head_version", headColumns);
export const ticketTypeRows = documents("ticket_type_version", ticketTypeColumns, {
  item: "ticket_type_id",
  setColumn: "named_types",
});
export const underShopRows = documents("under_shop_version", underShopColumns, {
  item: "under_shop_id",
  setColumn: "named_shops",
});
