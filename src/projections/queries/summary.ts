import type { Pool, Sql } from "../../database/connect.ts";
import type { StatusName } from "../../rules/event-status.ts";
import type { Fragment } from "./keyset.ts";
import { eventFilters, eventKeys, type Relations } from "./list-columns.ts";
import { readAtOnce, statusIn } from "./shown.ts";
import type { RowFilters } from "./wanted.ts";

/** What the events of one account and status come to together. Those that were never counted add nothing. */
export interface SummaryPart {
  region: string;
  status: StatusName;
  events: number;
  /** Of them with numbers; an event that holds others has none, for its children have them. */
  counted: number;
  totalCapacity: number;
  totalSold: number;
  totalAvailable: number;
  availableToBuy: number;
  reserved: number;
  heldForUnderShops: number;
  oversoldPlaces: number;
  charityCapacity: number;
  charitySold: number;
  charityAvailable: number;
  /** ISO instants, null where there is none: of its counts the oldest, */
  countedAt: string | null;
  /** of the launches and races that are to come the next. */
  nextLaunch: NextEvent | null;
  nextRace: NextEvent | null;
}

export interface NextEvent {
  at: string;
  eventId: string;
  eventName: string;
}

const sums = [
  ["total_capacity", "totalCapacity"],
  ["total_sold", "totalSold"],
  ["total_available", "totalAvailable"],
  ["reserved", "reserved"],
  ["held_for_under_shops", "heldForUnderShops"],
  ["oversold_places", "oversoldPlaces"],
  ["charity_capacity", "charityCapacity"],
  ["charity_sold", "charitySold"],
  ["charity_available", "charityAvailable"],
] as const;

/** What an event that holds others would launch its children do: it has no number of places to buy, at any time. */
const holdsNoOthers = (sql: Sql) => sql`to_buy_when_shut is not null`;

/** The events that fit, by account and status: few rows, whoever adds them up. */
export function readSummary(
  sql: Pool,
  wanted: RowFilters,
  tables: Relations,
): Promise<SummaryPart[]> {
  const { now } = tables;
  const together = sums.map(
    ([column, name]) => sql`
      , coalesce(sum(${sql(column)}) filter (where counted_at is not null), 0)::float8 as ${sql(name)}
    `,
  );
  const next = (column: "sell_start" | "start_at") => sql`
    (array_agg(event_id order by ${sql(column)}, event_id)
      filter (where ${sql(column)} > ${now} and not deleted and ${holdsNoOthers(sql)}))[1]
  `;
  // Of these few alone a name is taken out of its document.
  const named = (column: "sell_start" | "start_at", eventId: Fragment) => sql`(
    select json_build_object(
      'at', ${sql(column)}, 'eventId', event_id, 'eventName', document #>> '{row,eventName}'
    ) from ${tables.events} where event_id = ${eventId}
  )`;
  const names = sums.map(([, name]) => sql`, ${sql(name)}`);
  return readAtOnce<SummaryPart>(
    sql,
    sql`
      select region, status, events, counted
        ${names.reduce((all, one) => sql`${all} ${one}`)},
        "availableToBuy", "countedAt",
        ${named("sell_start", sql`next_launch`)} as "nextLaunch",
        ${named("start_at", sql`next_race`)} as "nextRace"
      from (
        select account as region, status, count(*)::int as events,
          count(counted_at)::int as counted
          ${together.reduce((all, one) => sql`${all} ${one}`)},
          coalesce(sum(to_buy) filter (where counted_at is not null), 0)::float8 as "availableToBuy",
          min(counted_at) as "countedAt",
          ${next("sell_start")} as next_launch,
          ${next("start_at")} as next_race
        from (
          select *, ${statusIn(sql, now)} as status, ${eventKeys.availableToBuy(sql, tables)} as to_buy
          from ${tables.events}
          where ${eventFilters(sql, wanted, tables)}
        ) found
        group by account, status
      ) part
      order by region, status
    `,
  );
}
