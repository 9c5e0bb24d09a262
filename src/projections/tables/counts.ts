import type { PendingQuery, Row } from "postgres";
import type { TicketTypeCount } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { columns, namesOf, takenOver, typesOf } from "../../database/table-columns.ts";
import { once } from "../../lib/once.ts";
import { type Arrival, arrivalsOf, forgetFacts, placeOf, setsOf } from "./arrivals.ts";
import { countFacts, countNumbers, countRows } from "./count-tables.ts";
import { readCurrentRuns } from "./history-reads.ts";
import { instantOf, orderOf, seenOf } from "./history-tables.ts";
import { isCurrentKept, mergeInto } from "./kept-history.ts";
import { type NamedSet, namedSet, withSets } from "./named-sets.ts";
import { type KeepOptions, recordset } from "./projection.ts";
import type { Count } from "./sales-projection.ts";
import type { Touched } from "./touched.ts";

/** What a row of `event_count` says beside its place. */
const countColumns = columns({
  complete: "boolean",
  whole: "boolean",
  tickets_read: "integer",
  expected_total: "integer",
  currencies: "jsonb",
  part_number: "integer",
  part_of: "integer",
  source: "text",
  named_types: "bigint",
});

/** The ticket types whose numbers may be others now than their current rows say. */
export interface TouchedTypes {
  eventIds: string[];
  ticketTypeIds: string[];
}

export interface KeptCounts extends TouchedTypes {
  events: Touched[];
}

interface CountArrival extends Arrival {
  count: Count;
  /** Null where it is not complete: it is history, never what an event has sold. */
  named: NamedSet | null;
}

/** Keeps counts, and of each ticket type those numbers that are not what the count before it said. */
export async function keepCounts(
  sql: Sql,
  counted: readonly Count[],
  options: KeepOptions,
): Promise<KeptCounts> {
  const { arrived, currentRuns } = await begin(sql, counted, options);
  if (arrived.length === 0) return { eventIds: [], ticketTypeIds: [], events: [] };
  const fresh = arrived.flatMap((event) => event.fresh);
  const insertAll = () =>
    Promise.all([
      forgetFacts(sql, countFacts, arrived),
      insertFacts(sql, fresh, setsOf(countFacts, arrived, options)),
    ]);
  // What is late is merged with the facts that were there before it.
  const isLate = arrived.some((event) => event.isLate);
  const [merged] = await Promise.all([
    mergeInto(
      sql,
      countRows,
      arrived.map((event) => ({ ...event, fresh: event.fresh.flatMap(saidBy) })),
      { ...options, currentRuns },
    ),
    isLate ? undefined : insertAll(),
  ]);
  if (isLate) await insertAll();
  const others = isCurrentKept(countRows, arrived, options) ? [] : merged;
  const touched = others.flatMap(({ eventId, written, deleted }) =>
    [...new Set([...written, ...deleted].map(({ id }) => id))].map((id) => [eventId, id] as const),
  );
  return {
    eventIds: touched.map(([eventId]) => eventId),
    ticketTypeIds: touched.map(([, id]) => id),
    events: arrived.map(({ eventId, from }) => ({ eventId, since: instantOf(from) })),
  };
}

/** Most counts are newer than all others: what is so now is asked for with what tells whether they are. */
async function begin(sql: Sql, counted: readonly Count[], options: KeepOptions) {
  const { current } = options;
  const complete = counted.filter((count) => count.complete);
  const arriving = arrivalsOf(sql, countFacts, counted.map(arrivalOf), options);
  const eventIds = new Set(complete.map(({ eventId }) => eventId));
  const currentRuns = current && readCurrentRuns(sql, countRows, [...eventIds], current);
  const [arrived] = await Promise.all([arriving, currentRuns]);
  return { arrived, currentRuns };
}

const arrivalOf = (count: Count): CountArrival => ({
  eventId: count.eventId,
  key: count.idempotencyKey,
  order: orderOf(new Date(count.countedAt), count.idempotencyKey),
  source: count.source,
  count,
  named: count.complete ? namedSet(count.ticketTypes.map((type) => type.ticketTypeId)) : null,
});

const textOf = once((type: TicketTypeCount) => countRows.textOf({ ...type }));

const saidBy = ({ order, count }: CountArrival) =>
  count.complete
    ? {
        order,
        seen: seenOf(countFacts, order),
        values: new Map(count.ticketTypes.map((type) => [type.ticketTypeId, textOf(type)])),
      }
    : [];

const insertFacts = (sql: Sql, fresh: readonly CountArrival[], kept: Set<string>) => sql`
  ${withSets(
    sql,
    fresh.flatMap(({ named }) => named ?? []),
    kept,
  )}
  insert into event_count (event_id, ${namesOf(sql, countFacts.order)}, ${namesOf(sql, countColumns)})
  select event_id, ${namesOf(sql, countFacts.order)}, ${namesOf(sql, countColumns)}
  from jsonb_to_recordset(${recordset(
    fresh.map((arrival) => ({ ...placeOf(countFacts, arrival), ...columnsOf(arrival) })),
  )}::text::jsonb) as new (
    event_id text, ${typesOf(sql, countFacts.order)}, ${typesOf(sql, countColumns)}
  )
`;

const columnsOf = ({ count, named }: CountArrival) => ({
  complete: count.complete,
  whole: count.whole,
  tickets_read: count.ticketsRead,
  expected_total: count.expectedTotal,
  currencies: count.currencies,
  part_number: count.part.number,
  part_of: count.part.of,
  source: count.source,
  named_types: named?.setId ?? null,
});

/** The newest numbers of these ticket types, and since when they have been so. */
export function refreshSales(sql: Sql, wanted: TouchedTypes | "all") {
  const all =
    wanted === "all"
      ? sql`(select distinct event_id, ticket_type_id from ticket_type_count)`
      : sql`unnest(${wanted.eventIds}::text[], ${wanted.ticketTypeIds}::text[])`;
  return sql`
    insert into ticket_type_sales (
      event_id, ticket_type_id, ${namesOf(sql, countNumbers)}, changed_at
    )
    ${salesOf(sql, all)}
    order by 1, 2
    on conflict (event_id, ticket_type_id) do update set
      ${takenOver(sql, countNumbers)}, changed_at = excluded.changed_at
    where ticket_type_sales is distinct from excluded
  `;
}

/** The numbers of the wanted ticket types (event and type) as counts say that they are, or were at an instant. */
export const salesOf = (sql: Sql, wanted: PendingQuery<Row[]>, at?: Date) => sql`
  select
    wanted.event_id, wanted.ticket_type_id, ${namesOf(sql, countNumbers, "newest")},
    newest.counted_at as changed_at
  from ${wanted} as wanted (event_id, ticket_type_id)
  cross join lateral (
    select * from ticket_type_count kept
    where kept.event_id = wanted.event_id and kept.ticket_type_id = wanted.ticket_type_id
      ${at === undefined ? sql`` : sql`and counted_at <= ${at}`}
    order by counted_at desc, fact_key desc limit 1
  ) newest
`;
