import { LRUCache } from "lru-cache";
import type { Pool, Sql } from "../../database/connect.ts";
import { type Column, namesOf } from "../../database/table-columns.ts";
import { shownEventColumns } from "../tables/shown-rows.ts";
import { shownTypeColumns } from "../tables/shown-types.ts";
import { type InstantOptions, instantRows, type Needed } from "./instant-rows.ts";
import type { Relations } from "./list-columns.ts";
import type { ReadRevision } from "./rows-revision.ts";

export type { Needed } from "./instant-rows.ts";

/** Instants that are looked at again and again, as by somebody who goes through pages. */
const MOST_KEPT = 32;
/** Of all that is kept, in characters: a season of 5,000 ticket types is about 7 million. */
const MOST_CHARACTERS = 24_000_000;

/** Stand for the two tables; beside them by event the ticket types that its totals hold. */
export interface RelationsAsOf extends Relations {
  inTotals: ReadonlyMap<string, readonly string[]>;
}

/** What stood in the tables at an instant. */
export interface InstantAsOf {
  /** The tables' rows of these events, or of all. */
  tables(need: Needed, eventIds?: readonly string[]): Promise<RelationsAsOf>;
  /** Of all events what they say by themselves, in place of their rows: no number and no status is there. */
  heads(): Promise<Relations>;
}

export interface TablesAsOfOptions extends InstantOptions {
  readRevision: ReadRevision;
  /** Tables that are larger are made anew for whoever asks. */
  mostCharacters?: number;
}

/**
 * The tables of shown rows as they were in Vivenu at an instant, by all that is known now, for the
 * queries that read them now. They are made for who asks, event by event, and kept while rows say what they said.
 */
export function tablesAsOf(
  sql: Pool,
  { readRevision, mostCharacters = MOST_CHARACTERS, ...options }: TablesAsOfOptions,
) {
  const kept = new LRUCache<string, Kept>({
    max: MOST_KEPT,
    maxSize: mostCharacters,
    sizeCalculation: ({ rows }) => Math.max(1, rows.size()),
  });

  return async (at: Date): Promise<InstantAsOf> => {
    const revision = await readRevision(at);
    const key = revision === undefined ? undefined : `${at.toISOString()} ${revision}`;
    const known = key === undefined ? undefined : kept.get(key);
    const rows = known?.rows ?? instantRows(sql, at, options);
    const keep = () => {
      // Another object each time: its size is that of what has been made by now.
      if (key !== undefined) kept.set(key, { rows });
    };
    keep();
    return {
      async tables(need, eventIds) {
        const made = await rows.make(need, eventIds);
        keep();
        const inTotals = new Map(made.map((event) => [event.eventId, event.inTotals] as const));
        const events = made.map(({ event }) => event);
        const types = need === "events" ? undefined : made.flatMap((event) => event.types ?? []);
        return relationsOf(sql, { events, types, inTotals }, at);
      },
      async heads() {
        const heads = await rows.heads();
        keep();
        return relationsOf(sql, { events: heads, types: undefined, inTotals: new Map() }, at);
      },
    };
  };
}

interface Kept {
  rows: ReturnType<typeof instantRows>;
}

/** Rows, each as JSON. */
interface Rows {
  events: readonly string[];
  types: readonly string[] | undefined;
  inTotals: RelationsAsOf["inTotals"];
}

/** Under the tables' own names. */
function relationsOf(sql: Sql, { events, types, inTotals }: Rows, now: Date): RelationsAsOf {
  const table = (name: string, ids: string, columns: readonly Column[], rows: readonly string[]) =>
    sql`(
      select ${sql.unsafe(ids)}, ${namesOf(sql, columns)}
      from json_populate_recordset(null::${sql(name)}, ${`[${rows.join()}]`}::text::json)
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
