import { columns } from "../../database/table-columns.ts";
import { dayAt } from "../../lib/zones.ts";
import { searchWords } from "../../rules/search-words.ts";
import type { Standing } from "../../rules/standings.ts";
import type { Made } from "./made-rows.ts";
import type { EventRow, TicketTypeRow } from "./shown-row-types.ts";

/** What lists are filtered and sorted by, beside the documents: each a function of the row. */
export const eventKeyColumns = columns({
  name_key: "text",
  location_key: "text",
  search: "text",
  event_type: "text",
  race_day: "text",
  end_at: "timestamptz",
  timezone: "text",
  sell_start: "timestamptz",
  sell_end: "timestamptz",
  currency: "text",
  total_capacity: "bigint",
  total_sold: "bigint",
  total_available: "bigint",
  available_to_buy: "bigint",
  to_buy_when_shut: "bigint",
  reserved: "bigint",
  held_for_under_shops: "bigint",
  oversold_places: "bigint",
  charity_capacity: "bigint",
  charity_sold: "bigint",
  charity_available: "bigint",
  percent_sold: "double precision",
  oversold: "bigint",
  counted_at: "timestamptz",
  count_complete: "boolean",
  last_updated: "timestamptz",
  deleted: "boolean",
  presales: "boolean[]",
  limiteds: "boolean[]",
  type_kinds: "text[]",
});

export const typeKeyColumns = columns({
  name_key: "text",
  event_name_key: "text",
  search: "text",
  event_type: "text",
  race_day: "text",
  timezone: "text",
  class: "text",
  active: "boolean",
  removed: "boolean",
  in_totals: "boolean",
  deleted: "boolean",
  price: "double precision",
  currency: "text",
  capacity: "bigint",
  sold: "bigint",
  sold_direct: "bigint",
  sold_under_shop: "bigint",
  allocated_under_shop: "bigint",
  reserved: "bigint",
  complimentary: "bigint",
  replaced: "bigint",
  available: "bigint",
  available_to_buy: "bigint",
  to_buy_when_shut: "bigint",
  oversold: "bigint",
  percent_sold: "double precision",
  last_updated: "timestamptz",
});

/** An entry of an index has room for so much, whatever somebody called an event. */
const LONGEST = 200;

/** Cut between characters, never within one. */
const cut = (text: string, most = LONGEST) =>
  text.length <= most ? text : [...text].slice(0, most).join("");

const searchOf = (...texts: (string | null)[]) =>
  cut(searchWords(texts.filter((text) => text !== null).join(" ")), 5 * LONGEST);

interface OfEvent {
  standings: readonly Standing[];
  deleted: boolean;
  types: readonly TypeKind[];
}

/** What an event's row tells of its ticket types. */
type TypeKind = Pick<TicketTypeRow, "class" | "inTotals" | "active" | "removed">;

export function eventKeysOf(
  { row, toBuyWhenShut }: Made<EventRow>,
  { standings, deleted, types }: OfEvent,
) {
  const present = types.filter((type) => !type.removed);
  return {
    ...headKeysOf(row),
    total_capacity: row.totalCapacity,
    total_sold: row.totalSold,
    total_available: row.totalAvailable,
    available_to_buy: row.availableToBuy,
    to_buy_when_shut: toBuyWhenShut,
    reserved: row.reserved,
    held_for_under_shops: row.heldForUnderShops,
    oversold_places: row.oversoldPlaces,
    charity_capacity: row.charityCapacity,
    charity_sold: row.charitySold,
    charity_available: row.charityAvailable,
    percent_sold: row.percentSold,
    oversold: row.oversold,
    counted_at: row.countedAt,
    count_complete: row.countComplete,
    last_updated: row.lastUpdated,
    deleted,
    presales: standings.map(({ presale }) => presale),
    limiteds: standings.map(({ limited }) => limited),
    type_kinds: [...new Set(present.map(kindOf))].sort(),
  };
}

/** What an event says by itself, whatever its ticket types are. */
export const headKeysOf = (row: EventHead) => ({
  name_key: cut(searchWords(row.eventName)),
  location_key: row.location === null ? null : cut(searchWords(row.location)),
  search: searchOf(row.eventName, row.location),
  event_type: row.eventType,
  race_day: dayAt(new Date(row.eventDate), row.timezone),
  end_at: row.eventEndDate,
  timezone: row.timezone,
  sell_start: row.salesLaunchDate,
  sell_end: row.salesEndDate,
  currency: row.currency,
});

type EventHead = Pick<
  EventRow,
  | "eventName"
  | "location"
  | "eventType"
  | "eventDate"
  | "eventEndDate"
  | "timezone"
  | "salesLaunchDate"
  | "salesEndDate"
  | "currency"
>;

/** One of a few words of which a row has each once, so that no list looks at an event's ticket types. */
export const kindOf = ({
  class: name,
  inTotals,
  active,
}: Pick<TicketTypeRow, "class" | "inTotals" | "active">) => `${name} ${inTotals} ${active}`;

/** What an event's ticket types have of it, worked out once for all of them. */
export const typeKeysOfEvent = (event: EventRow, deleted: boolean) => ({
  event_name_key: cut(searchWords(event.eventName)),
  search: searchOf(event.eventName, event.location),
  event_type: event.eventType,
  race_day: dayAt(new Date(event.eventDate), event.timezone),
  timezone: event.timezone,
  deleted,
});

export function typeKeysOf(
  { search, ...ofEvent }: ReturnType<typeof typeKeysOfEvent>,
  { row, toBuyWhenShut }: Made<TicketTypeRow>,
) {
  const nameKey = cut(searchWords(row.ticketName));
  return {
    ...ofEvent,
    name_key: nameKey,
    search: `${nameKey} ${search}`,
    class: row.class,
    active: row.active,
    removed: row.removed,
    in_totals: row.inTotals,
    price: row.price,
    currency: row.currency,
    capacity: row.capacity,
    sold: row.sold,
    sold_direct: row.soldDirect,
    sold_under_shop: row.soldUnderShop,
    allocated_under_shop: row.allocatedUnderShop,
    reserved: row.reserved,
    complimentary: row.complimentary,
    replaced: row.replaced,
    available: row.available,
    available_to_buy: row.availableToBuy,
    to_buy_when_shut: toBuyWhenShut,
    oversold: row.oversold,
    percent_sold: row.percentSold,
    last_updated: row.lastUpdated,
  };
}
