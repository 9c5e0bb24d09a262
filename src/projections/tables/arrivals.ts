import type { Sql } from "../../database/connect.ts";
import { someTexts } from "../../database/some-texts.ts";
import { namesOf } from "../../database/table-columns.ts";
import type { Order } from "./change-history.ts";
import { columnsOfOrder, type EventFacts, type FactTable, orderOfRow } from "./history-tables.ts";
import { type KeepOptions, recordset } from "./projection.ts";

/** A fact that came in, as far as its place in its event's history goes. */
export interface Arrival {
  eventId: string;
  key: string;
  order: Order;
  source: string;
}

/** What of one event came in that its history does not hold as it should. */
export interface Arrived<Item extends Arrival> extends Omit<EventFacts, "fresh"> {
  fresh: Item[];
  /** Of these the history held something else: they are told anew. */
  forgottenKeys: string[];
  /** The sets that the newest known fact names: they are kept. */
  keptSets: readonly string[];
}

/**
 * Tells what is new from what was kept before, event by event. One key is one fact, but it may have
 * been recorded again at a later time: the earliest stands.
 */
export async function arrivalsOf<Item extends Arrival>(
  sql: Sql,
  facts: FactTable,
  incoming: readonly Item[],
  { again = false, memory }: KeepOptions = {},
): Promise<Arrived<Item>[]> {
  if (incoming.length === 0) return [];
  const eventIds = [...new Set(incoming.map(({ eventId }) => eventId))];
  const cached = memory?.newest(facts.table);
  const unknown = eventIds.filter((eventId) => !cached?.has(eventId));
  const { known, newest: read } = await readKept(sql, facts, { incoming, eventIds: unknown });
  const byEvent = Map.groupBy(earliest(incoming), ({ eventId }) => eventId);
  return [...byEvent].flatMap(([eventId, items]) => {
    const fresh: Item[] = [];
    const forgotten = new Set<Order>();
    const forgottenKeys: string[] = [];
    for (const item of items) {
      const before = known.get(idOf(item));
      if (before && standsBefore(before, item, again)) continue;
      fresh.push(item);
      if (!before) continue;
      forgotten.add(before.order);
      forgottenKeys.push(item.key);
    }
    const from = [...fresh.map(({ order }) => order), ...forgotten].sort()[0];
    if (from === undefined) return [];
    const newest = read.get(eventId);
    const isLate = (cached?.get(eventId) ?? newest?.order ?? "") >= from;
    const keptSets = newest?.sets ?? [];
    return { eventId, from, isLate, fresh, forgotten, forgottenKeys, keptSets };
  });
}

/** The facts that are told anew leave nothing that would be in their way. */
export async function forgetFacts(
  sql: Sql,
  { table }: FactTable,
  arrived: readonly Arrived<Arrival>[],
): Promise<void> {
  const gone = arrived.flatMap(({ eventId, forgottenKeys }) =>
    forgottenKeys.map((key) => ({ event_id: eventId, fact_key: key })),
  );
  if (gone.length === 0) return;
  await sql`
    delete from ${sql(table)} known
    using jsonb_to_recordset(${recordset(gone)}::text::jsonb) as gone (event_id text, fact_key text)
    where known.event_id = gone.event_id and known.fact_key = gone.fact_key
  `;
}

/** The sets of which it is known that they are kept: those remembered, or those of the newest facts. */
export const setsOf = (
  { table }: FactTable,
  arrived: readonly Arrived<Arrival>[],
  { memory }: KeepOptions,
): Set<string> => memory?.sets(table) ?? new Set(arrived.flatMap(({ keptSets }) => keptSets));

/** The columns that say where a fact stands. */
export const placeOf = (facts: FactTable, { eventId, order }: Arrival) => ({
  event_id: eventId,
  ...columnsOfOrder(facts, order),
});

const idOf = ({ eventId, key }: Pick<Arrival, "eventId" | "key">) => `${eventId} ${key}`;

/** Two records of one fact are told apart by when they were made, and then by who made them. */
const rankOf = ({ order, source }: Ranked) => `${order} ${source}`;

type Ranked = Pick<Arrival, "order" | "source">;

/** Another record of the same that was made earlier stands, also before one that is told anew. */
const standsBefore = (kept: Ranked, item: Ranked, again: boolean) =>
  again ? rankOf(kept) < rankOf(item) : rankOf(kept) <= rankOf(item);

function earliest<Item extends Arrival>(incoming: readonly Item[]): Item[] {
  const found = new Map<string, Item>();
  for (const item of incoming) {
    const other = found.get(idOf(item));
    if (!other || rankOf(item) < rankOf(other)) found.set(idOf(item), item);
  }
  return [...found.values()];
}

interface Asked {
  incoming: readonly Arrival[];
  eventIds: readonly string[];
}

type KeptFact = Record<string, unknown> & {
  eventId: string;
  source: string;
  /** Of the newest: null where it names nothing of a kind. */
  sets: (string | null)[] | null;
  isNewest: boolean;
};

/** What is kept under the incoming facts' keys, and the newest fact of each of these events. */
async function readKept(sql: Sql, facts: FactTable, { incoming, eventIds }: Asked) {
  const order = namesOf(sql, facts.order, "known");
  const rows = await sql<KeptFact[]>`
    select known.event_id, known.source, null as sets, false as is_newest, ${order}
    from jsonb_to_recordset(${recordset(
      incoming.map(({ eventId, key }) => ({ event_id: eventId, fact_key: key })),
    )}::text::jsonb) as came (event_id text, fact_key text)
    -- PostgreSQL takes a hundred for those that came, and would read through all that are kept.
    cross join lateral (
      select * from ${sql(facts.table)} kept
      where kept.event_id = came.event_id and kept.fact_key = came.fact_key collate "C"
      offset 0
    ) known
    ${
      eventIds.length === 0
        ? sql``
        : sql`
            union all
            select known.event_id, known.source, known.sets, true, ${order}
            from unnest(${someTexts(sql, eventIds)}) as wanted (event_id)
            cross join lateral (
              select
                event_id, source, ${namesOf(sql, facts.order)},
                to_json(array[${namesOf(sql, facts.sets)}]::text[]) as sets
              from ${sql(facts.table)} kept
              where kept.event_id = wanted.event_id
                ${facts.where === undefined ? sql`` : sql`and kept.${sql(facts.where)}`}
              order by ${sql.unsafe(facts.order.map(({ name }) => `kept."${name}" desc`).join(", "))}
              limit 1
            ) known
          `
    }
  `;
  const { newest = [], known = [] } = Object.groupBy(rows, ({ isNewest }) =>
    isNewest ? "newest" : "known",
  );
  return {
    newest: new Map(
      newest.map((row) => [
        row.eventId,
        { order: orderOfRow(facts, row), sets: row.sets?.filter((id) => id !== null) ?? [] },
      ]),
    ),
    known: new Map(
      known.map((row) => [
        idOf({ eventId: row.eventId, key: String(row.factKey) }),
        { order: orderOfRow(facts, row), source: row.source },
      ]),
    ),
  };
}
