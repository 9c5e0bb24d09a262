import type { Sql } from "../../database/connect.ts";
import { namesOf, rowOf } from "../../database/table-columns.ts";
import { isBeforeStart, startsOf } from "./history-starts.ts";
import { type EventFacts, newestFirst, type RowTable, sinceColumns } from "./history-tables.ts";
import { type Remembered, type RowsMemory, serverOf, stampOf } from "./remembered-rows.ts";

/** What was said of a thing, by its columns. */
export type FoundRow = Readonly<Record<string, unknown>> & { eventId: string; itemId: string };

export interface Wanted {
  idsOf: ReadonlyMap<string, string[]>;
  memory?: RowsMemory | undefined;
}

interface Answer {
  eventId: string;
  /** Of the things whose newest row is not the one that is remembered; of what has no row all is null. */
  rows: [itemId: string, stamp: string | null, ...values: unknown[]][] | null;
}

/**
 * Of each thing the newest row before the facts that are to be merged. A row of a history is never written
 * again, so its stamp says all that is in it, and of what is remembered only other rows are sent.
 */
export async function readNewestRows(
  sql: Sql,
  history: RowTable,
  events: readonly EventFacts[],
  { idsOf, memory }: Wanted,
): Promise<FoundRow[]> {
  if (events.length === 0) return [];
  const keyOf = (eventId: string) => `${history.table} ${eventId}`;
  // What is asked of has to be at hand when it is answered: meanwhile others may put it out of the memory.
  const before = new Map(events.map(({ eventId }) => [eventId, memory?.get(keyOf(eventId))]));
  const answers = await ask(sql, history, events, ({ eventId }) => {
    const ids = idsOf.get(eventId) ?? [];
    const things = before.get(eventId)?.things;
    return { ids, stamps: ids.map((id) => things?.get(id)?.stamp.toString() ?? null) };
  });
  return answers.flatMap((answer) => {
    const { eventId } = answer;
    const things = thingsOf(history, before.get(eventId), answer);
    memory?.set(keyOf(eventId), { server: "", sum: 0n, things });
    // The cast: `thingsOf` made them.
    return (idsOf.get(eventId) ?? []).flatMap((id) => (things.get(id)?.row ?? []) as FoundRow);
  });
}

function thingsOf(
  history: RowTable,
  before: Remembered | undefined,
  { eventId, rows }: Answer,
): Remembered["things"] {
  if (before && rows === null) return before.things;
  const things = new Map(before?.things);
  for (const [itemId, stamp, ...values] of rows ?? []) {
    const row = { ...rowOf(columnsOfNewest(history), values), eventId, itemId };
    if (stamp === null) things.delete(itemId);
    else things.set(itemId, { stamp: BigInt(stamp), row });
  }
  return things;
}

const columnsOfNewest = (history: RowTable) => [
  ...history.facts.order,
  ...history.values,
  ...sinceColumns(history),
];

const ask = (
  sql: Sql,
  history: RowTable,
  events: readonly EventFacts[],
  wantedOf: Parameters<typeof startsOf>[3],
) => {
  const { table, facts, item } = history;
  return sql<Answer[]>`
    with server as materialized (select ${serverOf(sql)} as name)
    select start.event_id, json_agg(
      json_build_array(wanted.item_id, newest.stamp, ${namesOf(sql, columnsOfNewest(history), "newest")})
    ) filter (where newest.stamp is distinct from wanted.stamp) as rows
    from ${startsOf(sql, facts, events, wantedOf)}
    cross join server
    cross join lateral unnest(start.ids, start.stamps) as wanted (item_id, stamp)
    left join lateral (
      -- Another server counts its transactions by itself.
      select kept.*, ${stampOf(sql, sql`server.name`)}::text as stamp from ${sql(table)} kept
      where kept.event_id = start.event_id
        ${item === undefined ? sql`` : sql`and kept.${sql(item)} = wanted.item_id`}
        and ${isBeforeStart(sql, facts, "kept")}
      order by ${newestFirst(sql, facts, "kept")}
      limit 1
    ) newest on true
    group by start.event_id
  `;
};
