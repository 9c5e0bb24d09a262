import type { Pool } from "../../database/connect.ts";
import type { TicketClass } from "../../rules/classify.ts";
import {
  type LaunchProblem,
  readinessOf,
  type TypeForLaunch,
} from "../../rules/launch-readiness.ts";
import { isParent } from "../../rules/parents.ts";
import { standingAt } from "../../rules/standings.ts";
import { eventAt } from "../tables/made-rows.ts";
import type { ShownEvent } from "../tables/shown-rows.ts";
import type { EventRow, Page } from "./row-types.ts";
import { readRows } from "./rows.ts";
import { type ReadingOptions, readAtOnce } from "./shown.ts";

/** When the public sale of an event begins, and what is not ready for it. */
export interface LaunchRow
  extends Pick<
    EventRow,
    | "eventId"
    | "eventName"
    | "region"
    | "timezone"
    | "location"
    | "eventDate"
    | "status"
    | "presale"
    | "currency"
    | "totalCapacity"
    | "totalSold"
    | "lastUpdated"
  > {
  /** ISO instant. */
  salesLaunchDate: string;
  salesEndDate: string | null;
  /** Nothing is in the way of a sale that begins then. */
  isReady: boolean;
  problems: LaunchProblem[];
  /** Oldest first. */
  moves: LaunchMove[];
}

/** A launch that was set to another instant; null where there was, or is, none. */
export interface LaunchMove {
  from: string | null;
  to: string | null;
  /** When it was first observed. */
  at: string;
}

export type LaunchPlace = readonly [salesLaunchDate: number, eventId: string];

export interface LaunchesWanted {
  limit: number;
  after?: LaunchPlace | undefined;
  region?: string | undefined;
  /** Launches at this instant or later. */
  from: Date;
  /** Launches before this instant. */
  to?: Date | undefined;
}

export interface LaunchOptions extends ReadingOptions {
  countedClasses: readonly TicketClass[];
}

/**
 * Launches by their instants. One of an event that holds others is its children's, and is left out, so
 * that a page may have fewer than `limit`.
 */
export async function readLaunches(
  sql: Pool,
  { limit, after, region, from, to }: LaunchesWanted,
  options: LaunchOptions,
): Promise<Page<LaunchRow, LaunchPlace>> {
  const found = await readAtOnce<Found>(
    sql,
    sql`
      select event_id as "eventId", event.sell_start as "sellStart", shown.document,
        shown.fault is not null as "isFaulty", (
          select json_agg(json_build_object(
            'from', previous_value, 'to', new_value, 'at', moved.changed_at
          ) order by moved.changed_at, moved.sequence)
          from event_change moved
          where moved.event_id = event.event_id and moved.change_type = 'event'
            and moved.field = 'sellStart'
        ) as moves
      from event left join event_shown shown using (event_id)
      where event.sell_start >= ${from}
        ${to === undefined ? sql`` : sql`and event.sell_start < ${to}`}
        ${region === undefined ? sql`` : sql`and event.account = ${region}`}
        ${after ? sql`and (event.sell_start, event_id) > (${new Date(after[0])}, ${after[1]})` : sql``}
      order by event.sell_start, event_id
      limit ${limit + 1}
    `,
  );
  const page = found.slice(0, limit);
  const [typesOf, madeOf] = await Promise.all([
    readTypes(sql, page, options),
    readUnmade(sql, page, options),
  ]);
  const rows = page.flatMap(({ eventId, document, moves }): LaunchRow[] => {
    const made = madeOf.get(eventId);
    const event = document ? shownNow(document, options.now) : made?.event;
    const salesLaunchDate = event?.salesLaunchDate;
    // Of an event that cannot be shown `/status` says why.
    if (!event || !salesLaunchDate || isParent(event)) return [];
    const problems = readinessOf(made?.types ?? typesOf.get(eventId) ?? [], options);
    return [
      {
        ...launchOf(event),
        salesLaunchDate,
        isReady: problems.length === 0,
        problems,
        moves: (moves ?? []).map(moveOf),
      },
    ];
  });
  const last = found.length > limit ? page.at(-1) : undefined;
  return { rows, next: last ? [Date.parse(last.sellStart), last.eventId] : null };
}

interface Found {
  eventId: string;
  /** As PostgreSQL writes an instant into JSON. */
  sellStart: string;
  document: ShownEvent | null;
  isFaulty: boolean;
  moves: LaunchMove[] | null;
}

const shownNow = (document: ShownEvent, now: Date) =>
  eventAt(document, standingAt(document.standings, now));

const launchOf = (event: EventRow) => ({
  eventId: event.eventId,
  eventName: event.eventName,
  region: event.region,
  timezone: event.timezone,
  location: event.location,
  eventDate: event.eventDate,
  salesEndDate: event.salesEndDate,
  status: event.status,
  presale: event.presale,
  currency: event.currency,
  totalCapacity: event.totalCapacity,
  totalSold: event.totalSold,
  lastUpdated: event.lastUpdated,
});

const moveOf = ({ at, ...move }: LaunchMove): LaunchMove => ({
  ...move,
  at: new Date(at).toISOString(),
});

async function readTypes(sql: Pool, launches: readonly Found[], { countedClasses }: LaunchOptions) {
  const eventIds = launches.flatMap(({ eventId, document }) => (document ? eventId : []));
  if (eventIds.length === 0) return new Map<string, TypeForLaunch[]>();
  const found = await readAtOnce<TypeForLaunch & { eventId: string }>(
    sql,
    sql`
      select event_id as "eventId", said.*
      from ticket_type_shown
      cross join lateral json_to_record(document -> 'row') as said (
        "ticketTypeId" text, "ticketName" text, class text, active boolean, removed boolean,
        price numeric, capacity integer
      )
      where event_id = any(${eventIds}::text[]) and said.class = any(${[...countedClasses]}::text[])
      order by event_id, place
    `,
  );
  return Map.groupBy(found, ({ eventId }) => eventId);
}

/** Right after an upgrade rows are still being made: no launch is missing for that long. */
async function readUnmade(sql: Pool, launches: readonly Found[], options: LaunchOptions) {
  const eventIds = launches.flatMap(({ eventId, document, isFaulty }) =>
    document || isFaulty ? [] : eventId,
  );
  if (eventIds.length === 0) return new Map<string, { event: EventRow; types: TypeForLaunch[] }>();
  const { events, ticketTypes } = await readRows(sql, { ...options, eventIds });
  const typesOf = Map.groupBy(ticketTypes, ({ eventId }) => eventId);
  return new Map(
    events.map((event) => [event.eventId, { event, types: typesOf.get(event.eventId) ?? [] }]),
  );
}
