import type { Pool } from "../../database/connect.ts";
import type { TicketClass } from "../../rules/classify.ts";
import {
  type FoundProblem,
  type LaunchProblem,
  readinessOf,
  type TypeForLaunch,
} from "../../rules/launch-readiness.ts";
import { isParent } from "../../rules/parents.ts";
import { standingAt } from "../../rules/standings.ts";
import { eventAt } from "../tables/made-rows.ts";
import type { ShownEvent } from "../tables/made-shown.ts";
import { oneOf, type Relations } from "./list-columns.ts";
import type { EventRow, Page } from "./row-types.ts";
import { readAtOnce } from "./shown.ts";

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
  /** Nothing is in the way of a sale that begins then: it has no problem, and was not called off. */
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
  regions?: readonly string[] | undefined;
  eventIds?: readonly string[] | undefined;
  /** Launches at this instant or later. */
  from: Date;
  /** Launches before this instant. */
  to?: Date | undefined;
  /** As it was at this instant, and not as it is now. */
  asOf?: Date | undefined;
  /** Who asks when alone: no ticket type is read, no problem told, and none said to be ready. */
  isWithoutProblems?: boolean | undefined;
}

export interface LaunchOptions {
  countedClasses: readonly TicketClass[];
}

/**
 * Launches by their instants. One of an event that holds others is its children's, and is left out, so
 * that a page may have fewer than `limit`.
 */
export async function readLaunches(
  sql: Pool,
  { limit, after, from, to, isWithoutProblems = false, ...wanted }: LaunchesWanted,
  tables: Relations,
  options: LaunchOptions,
): Promise<Page<LaunchRow, LaunchPlace>> {
  const found = await readAtOnce<Found>(
    sql,
    sql`
      select event_id as "eventId", sell_start as "sellStart", document, (
        select json_agg(json_build_object(
          'from', previous_value, 'to', new_value, 'at', moved.changed_at
        ) order by moved.changed_at, moved.sequence)
        from event_change moved
        where moved.event_id = event_shown.event_id and moved.change_type = 'event'
          and moved.field = 'sellStart' and moved.changed_at <= ${tables.now}
      ) as moves
      from ${tables.events}
      where document is not null and sell_start >= ${from}
        ${to === undefined ? sql`` : sql`and sell_start < ${to}`}
        ${oneOf(sql, sql`account`, wanted.regions)}
        ${oneOf(sql, sql`event_id`, wanted.eventIds)}
        ${after ? sql`and (sell_start, event_id) > (${new Date(after[0])}, ${after[1]})` : sql``}
      order by sell_start, event_id
      limit ${limit + 1}
    `,
  );
  const page = found.slice(0, limit);
  const problemsOf = isWithoutProblems
    ? undefined
    : await readProblems(sql, page, { ...options, tables });
  const rows = page.flatMap(({ eventId, document, moves }): LaunchRow[] => {
    const event = eventAt(document, standingAt(document.standings, tables.now));
    const { salesLaunchDate } = event;
    if (salesLaunchDate === null || isParent(event)) return [];
    const problems = problemsOf?.get(eventId) ?? [];
    const isReady = !isWithoutProblems && problems.length === 0 && event.status !== "CANCELLED";
    return [
      { ...launchOf(event), salesLaunchDate, isReady, problems, moves: (moves ?? []).map(moveOf) },
    ];
  });
  const last = found.length > limit ? page.at(-1) : undefined;
  return { rows, next: last ? [Date.parse(last.sellStart), last.eventId] : null };
}

interface Found {
  eventId: string;
  /** As PostgreSQL writes an instant into JSON. */
  sellStart: string;
  document: ShownEvent;
  moves: LaunchMove[] | null;
}

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

/** What is in the way of each. Names are in documents, and read of those ticket types alone that are told of. */
async function readProblems(
  sql: Pool,
  launches: readonly Found[],
  { tables: { types }, ...options }: LaunchOptions & { tables: Relations },
): Promise<ReadonlyMap<string, LaunchProblem[]>> {
  const eventIds = launches.map(({ eventId }) => eventId);
  const inTotals = await readAtOnce<TypeForLaunch & { eventId: string }>(
    sql,
    sql`
      select event_id as "eventId", ticket_type_id as "ticketTypeId", class, active, removed, price,
        capacity
      from ${types}
      where event_id = any(${eventIds}::text[]) and in_totals
      order by event_id, place
    `,
  );
  const typesOf = Map.groupBy(inTotals, ({ eventId }) => eventId);
  const found = eventIds.map((eventId) => ({
    eventId,
    problems: readinessOf(typesOf.get(eventId) ?? [], options),
  }));
  const nameOf = await readNames(sql, found, types);
  return new Map(
    found.map(({ eventId, problems }) => [
      eventId,
      problems.map(({ problem, ticketTypeIds }) => ({
        problem,
        ticketTypes: ticketTypeIds.map((ticketTypeId) => ({
          ticketTypeId,
          ticketName: nameOf(eventId, ticketTypeId),
        })),
      })),
    ]),
  );
}

async function readNames(
  sql: Pool,
  found: readonly { eventId: string; problems: readonly FoundProblem[] }[],
  types: Relations["types"],
) {
  const wanted = found.flatMap(({ eventId, problems }) =>
    [...new Set(problems.flatMap(({ ticketTypeIds }) => ticketTypeIds))].map((ticketTypeId) => ({
      eventId,
      ticketTypeId,
    })),
  );
  const named =
    wanted.length === 0
      ? []
      : await readAtOnce<{ eventId: string; ticketTypeId: string; name: string }>(
          sql,
          sql`
            select event_id as "eventId", ticket_type_id as "ticketTypeId",
              document #>> '{row,ticketName}' as name
            from ${types}
            where (event_id, ticket_type_id) in (
              select * from unnest(
                ${wanted.map(({ eventId }) => eventId)}::text[],
                ${wanted.map(({ ticketTypeId }) => ticketTypeId)}::text[]
              )
            )
          `,
        );
  const names = new Map(
    named.map(({ eventId, ticketTypeId, name }) => [`${eventId} ${ticketTypeId}`, name]),
  );
  // One that went between the two readings is told by its id.
  return (eventId: string, ticketTypeId: string) =>
    names.get(`${eventId} ${ticketTypeId}`) ?? ticketTypeId;
}
