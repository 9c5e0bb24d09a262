import type { Sql } from "../../database/connect.ts";
import { ticketClasses } from "../../rules/classify.ts";
import { statusNamesOfOpenSales } from "../../rules/event-status.ts";
import { kindOf } from "../tables/list-keys.ts";
import type { Fragment } from "./keyset.ts";
import { statusIn, turnedIn } from "./shown.ts";
import type { EventSort, RowFilters, TicketTypeSort } from "./wanted.ts";

type Keys<Name extends string> = Record<Name, (sql: Sql, from: Relations) => Fragment>;

/** What stands for the two tables in a query: these themselves, or with rows that were made just now. */
export interface Relations {
  events: Fragment;
  types: Fragment;
  now: Date;
  /** Events whose rows were made just now: of these nobody knows what changed. */
  made: readonly string[];
}

const column = (name: string) => (sql: Sql) => sql`${sql(name)}`;

const paidIn = (sql: Sql) => sql`(document #>> '{row,value,paid}')::bigint`;

const openSales = [...statusNamesOfOpenSales];

/** What is sorted by, in a query over `event_shown`: columns, but for what the clock says. */
export const eventKeys: Keys<EventSort> = {
  eventId: column("event_id"),
  region: column("account"),
  eventName: column("name_key"),
  eventType: column("event_type"),
  eventDate: column("start_at"),
  eventEndDate: column("end_at"),
  timezone: column("timezone"),
  location: column("location_key"),
  salesLaunchDate: column("sell_start"),
  salesEndDate: column("sell_end"),
  status: (sql, { now }) => statusIn(sql, now),
  presale: (sql, { now }) => turnedIn(sql, sql`event_shown.presales`, now),
  limited: (sql, { now }) => turnedIn(sql, sql`event_shown.limiteds`, now),
  currency: column("currency"),
  totalCapacity: column("total_capacity"),
  totalSold: column("total_sold"),
  totalAvailable: column("total_available"),
  availableToBuy: (sql, { now }) => sql`
    case when ${statusIn(sql, now)} = any(${openSales}::text[])
      then available_to_buy else to_buy_when_shut end
  `,
  reserved: column("reserved"),
  heldForUnderShops: column("held_for_under_shops"),
  oversoldPlaces: column("oversold_places"),
  charityCapacity: column("charity_capacity"),
  charitySold: column("charity_sold"),
  charityAvailable: column("charity_available"),
  percentSold: column("percent_sold"),
  oversold: column("oversold"),
  countedAt: column("counted_at"),
  countComplete: column("count_complete"),
  lastUpdated: column("last_updated"),
  // Of a thousand events no index is needed.
  value: (sql) => paidIn(sql),
};

export const ticketTypeKeys: Keys<TicketTypeSort> = {
  eventId: column("event_id"),
  eventName: column("event_name_key"),
  region: column("account"),
  timezone: column("timezone"),
  eventDate: column("start_at"),
  ticketTypeId: column("ticket_type_id"),
  ticketName: column("name_key"),
  class: column("class"),
  inTotals: column("in_totals"),
  active: column("active"),
  removed: column("removed"),
  price: column("price"),
  currency: column("currency"),
  capacity: column("capacity"),
  sold: column("sold"),
  soldDirect: column("sold_direct"),
  soldUnderShop: column("sold_under_shop"),
  allocatedUnderShop: column("allocated_under_shop"),
  reserved: column("reserved"),
  complimentary: column("complimentary"),
  replaced: column("replaced"),
  available: column("available"),
  availableToBuy: (sql, from) => sql`
    case when ${eventHasStatus(sql, from, openSales)}
      then available_to_buy else to_buy_when_shut end
  `,
  oversold: column("oversold"),
  percentSold: column("percent_sold"),
  lastUpdated: column("last_updated"),
  value: (sql) => paidIn(sql),
};

/** Which events are wanted, as conditions over `event_shown`. */
export const eventFilters = (sql: Sql, wanted: RowFilters, { now }: Relations) => sql`
  document is not null
  ${filtersOfBoth(sql, wanted)}
  ${oneOf(sql, sql`event_id`, wanted.ids)}
  ${
    // PostgreSQL takes what it has no statistics of for rare, and would sort all events of a status:
    // `coalesce` is as likely true as not, and so an index is followed.
    wanted.statuses
      ? sql`and coalesce(${statusIn(sql, now)} = any(${[...wanted.statuses]}::text[]), false)`
      : sql``
  }
  ${ofKinds(sql, wanted)}
  ${wanted.isCurrent ? sql`and deleted is not true` : sql``}
`;

export const ticketTypeFilters = (sql: Sql, wanted: RowFilters, from: Relations) => sql`
  true
  ${filtersOfBoth(sql, wanted)}
  ${oneOf(sql, sql`ticket_type_id`, wanted.ids)}
  ${oneOf(sql, sql`event_id`, wanted.eventIds)}
  ${oneOf(sql, sql`class`, wanted.classes)}
  ${wanted.statuses ? sql`and ${eventHasStatus(sql, from, wanted.statuses)}` : sql``}
  ${wanted.inTotals === undefined ? sql`` : sql`and in_totals = ${wanted.inTotals}`}
  ${wanted.active === undefined ? sql`` : sql`and active = ${wanted.active}`}
  ${wanted.isCurrent ? sql`and not removed and deleted is not true` : sql``}
`;

const filtersOfBoth = (sql: Sql, wanted: RowFilters) => sql`
  ${oneOf(sql, sql`account`, wanted.regions)}
  ${oneOf(sql, sql`event_type`, wanted.eventTypes)}
  ${wanted.fromDay === undefined ? sql`` : sql`and race_day >= ${wanted.fromDay}`}
  ${wanted.toDay === undefined ? sql`` : sql`and race_day <= ${wanted.toDay}`}
  ${wanted.percentSoldMin === undefined ? sql`` : sql`and percent_sold >= ${wanted.percentSoldMin}`}
  ${wanted.percentSoldMax === undefined ? sql`` : sql`and percent_sold <= ${wanted.percentSoldMax}`}
  ${(wanted.words ?? []).reduce(
    (all: Fragment, word) => sql`${all} and search like ${`%${word}%`}`,
    sql``,
  )}
`;

/** One of several is looked for in an index, and one alone keeps the order that the index goes on with. */
export function oneOf(sql: Sql, of: Fragment, values: readonly string[] | undefined) {
  if (values === undefined) return sql``;
  const [first, ...others] = values;
  if (first !== undefined && others.length === 0) return sql`and ${of} = ${first}`;
  return sql`and ${of} = any(${[...values]}::text[])`;
}

/** Events that have a ticket type of such a class that is in the totals and switched on, or not. */
function ofKinds(sql: Sql, { classes, inTotals, active }: RowFilters) {
  if (classes === undefined && inTotals === undefined && active === undefined) return sql``;
  const either = (wanted: boolean | undefined) => (wanted === undefined ? [true, false] : [wanted]);
  const kinds = (classes ?? ticketClasses).flatMap((name) =>
    either(inTotals).flatMap((isIn) =>
      either(active).map((isOn) => kindOf({ class: name, inTotals: isIn, active: isOn })),
    ),
  );
  return sql`and coalesce(type_kinds && ${kinds}::text[], false)`;
}

/** The events of a status are found once, and each ticket type looked for among them. */
const eventHasStatus = (sql: Sql, { events, now }: Relations, statuses: readonly string[]) => sql`
  coalesce(event_id in (
    select event_shown.event_id from ${events}
    where ${statusIn(sql, now)} = any(${[...statuses]}::text[])
  ), false)
`;
