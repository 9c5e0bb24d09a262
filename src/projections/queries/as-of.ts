import { LRUCache } from "lru-cache";
import type { Pool, Sql } from "../../database/connect.ts";
import { type Column, namesOf } from "../../database/table-columns.ts";
import { type ShownOptions, shownEventOnceOf, shownOnceOf } from "../tables/made-shown.ts";
import { recordset } from "../tables/projection.ts";
import type { RowsMemory } from "../tables/remembered-rows.ts";
import { shownEventColumns } from "../tables/shown-rows.ts";
import { shownTypeColumns } from "../tables/shown-types.ts";
import type { Relations } from "./list-columns.ts";
import { eachEventAt } from "./rows-at.ts";
import type { ReadRevision } from "./rows-revision.ts";

/** Of the tables as they were, the one that is asked for. */
export type Needed = "events" | "ticket types";

/** Instants that are looked at again and again, as by somebody who goes through pages. */
const MOST_KEPT = 32;
/** Of all that is kept, in characters: a season of 5,000 ticket types is about 7 million. */
const MOST_CHARACTERS = 24_000_000;

/** The tables that lists read, each as one text. */
interface Tables {
  events: string;
  /** Undefined where nobody asked for ticket types: they are thirty times as much. */
  types: string | undefined;
  inTotals: ReadonlyMap<string, readonly string[]>;
}

/** Stand for the two tables; beside them by event the ticket types that its totals hold. */
export interface RelationsAsOf extends Relations {
  inTotals: ReadonlyMap<string, readonly string[]>;
}

export interface TablesAsOfOptions extends ShownOptions {
  readRevision: ReadRevision;
  /** Of what is so now, so that of each instant only what was otherwise is read. */
  memory?: RowsMemory;
  /** Tables that are larger are made anew for whoever asks. */
  mostCharacters?: number;
}

/**
 * The tables of shown rows as they were in Vivenu at an instant, by all that is known now, for the
 * queries that read them now. They are made for who asks, and kept while rows say what they said.
 */
export function tablesAsOf(
  sql: Pool,
  { readRevision, mostCharacters = MOST_CHARACTERS, ...options }: TablesAsOfOptions,
) {
  const kept = new LRUCache<string, Tables, Asked>({
    max: MOST_KEPT,
    maxSize: mostCharacters,
    sizeCalculation: ({ events, types }) => events.length + (types?.length ?? 0),
    // Who waits for tables has them also where there is no room any more to keep them.
    ignoreFetchAbort: true,
    // Whoever asks while they are being made waits for the same.
    fetchMethod: (_key, _stale, { context }) => makeTables(sql, context, options),
  });

  return async (at: Date, need: Needed): Promise<RelationsAsOf> => {
    const revision = await readRevision(at);
    const asked = { at, need };
    if (revision === undefined) return relationsOf(sql, await makeTables(sql, asked, options), at);
    const keyOf = (needed: Needed) => `${at.toISOString()} ${needed} ${revision}`;
    // Whoever has both tables has that of the events.
    const key = keyOf(kept.has(keyOf("ticket types")) ? "ticket types" : need);
    return relationsOf(sql, await kept.forceFetch(key, { context: asked }), at);
  };
}

interface Asked {
  at: Date;
  need: Needed;
}

async function makeTables(
  sql: Pool,
  { at, need }: Asked,
  { memory, ...options }: ShownOptions & { memory?: RowsMemory },
): Promise<Tables> {
  if (need === "events") {
    const found = await eachEventAt(sql, { at, memory }, (event) =>
      shownEventOnceOf(event, options),
    );
    return { ...eventsIn(found), types: undefined };
  }
  const found = await eachEventAt(sql, { at, memory }, (event) => shownOnceOf(event, options));
  return { ...eventsIn(found), types: recordset(found.flatMap(({ types }) => types)) };
}

const eventsIn = (found: readonly ReturnType<typeof shownEventOnceOf>[]) => ({
  events: recordset(found.map(({ event }) => event)),
  inTotals: new Map(found.map(({ event, inTotals }) => [event.event_id, inTotals] as const)),
});

/** Under the tables' own names. */
function relationsOf(sql: Sql, { events, types, inTotals }: Tables, now: Date): RelationsAsOf {
  const table = (name: string, ids: string, columns: readonly Column[], rows: string) => sql`(
    select ${sql.unsafe(ids)}, ${namesOf(sql, columns)}
    from json_populate_recordset(null::${sql(name)}, ${rows}::text::json)
  ) as ${sql(name)}`;
  return {
    now,
    inTotals,
    made: [],
    events: table("event_shown", "event_id", shownEventColumns, events),
    get types() {
      if (types === undefined) throw new Error("ticket types of then were not asked for");
      return table("ticket_type_shown", "event_id, ticket_type_id", shownTypeColumns, types);
    },
  };
}
