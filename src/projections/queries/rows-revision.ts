/**
 * What rows say is of one revision. It is looked up anew for whoever asks, in one statement over a few rows,
 * and is therefore exact: no replica hears late of what another wrote, and nothing has to be caught up with
 * after a lost connection, as with `notify`. Triggers note every transaction that writes rows
 * (`0060_rows_revision.sql`), whoever writes: the consumer, a refill, a retry, an older program, a person.
 */
import type { Pool, Sql } from "../../database/connect.ts";
import { together } from "../../lib/together.ts";
import { unplacedIn } from "./unplaced.ts";

interface Known {
  token: string;
  turns: Promise<Turns>;
}

/**
 * When statuses turn with time alone, oldest first, in milliseconds; undefined while events are shown
 * whose turns nobody kept.
 */
type Turns = readonly number[] | undefined;

/**
 * Names what rows say at an instant: of two equal names the rows are equal. Undefined while that cannot be
 * told. Ask before rows are read: a name that is older than its rows is asked for anew, one that is newer
 * would be wrong.
 */
export type ReadRevision = (now: Date) => Promise<string | undefined>;

export function revisionReader(sql: Pool): ReadRevision {
  const readToken = together(() => lookUp(sql));
  let known: Known | undefined;

  return async (now) => {
    const token = await readToken();
    const turns = await turnsOf(token, now);
    const turned = turns?.findLast((turn) => turn <= now.getTime()) ?? 0;
    return turns && `${token}.${turned}`;
  };

  /** Looked for once: everybody who asks after rows were written asks at the same moment. */
  function turnsOf(token: string, now: Date): Promise<Turns> {
    if (known?.token === token) return known.turns;
    const mine: Known = { token, turns: readTurns(sql, now) };
    known = mine;
    mine.turns.catch(() => {
      if (known === mine) known = undefined;
    });
    return mine.turns;
  }
}

/** A replay's swap gives the table's name to another one. */
async function lookUp(sql: Sql): Promise<string> {
  const [found] = await sql<{ token: string }[]>`
    select concat(
      to_regclass('event_shown')::oid, '.', (select coalesce(sum(weight), 0) from rows_revision)
    ) as token
  `;
  if (!found) throw new Error("PostgreSQL answered nothing");
  return found.token;
}

/** Of the past the last day's, for whoever's clock is behind. */
async function readTurns(sql: Sql, now: Date): Promise<Turns> {
  const [found] = await sql<{ isMade: boolean; turns: number[] }[]>`
    select
      not exists (select from event_shown where document is null and fault is null)
        and not exists (${unplacedIn(sql)}) as is_made,
      array(
        select distinct (extract(epoch from turn) * 1000)::float8 as at
        from event_shown, unnest(turns_at) as turn
        where isfinite(turn) and turn > ${now}::timestamptz - interval '1 day'
        order by at
      ) as turns
  `;
  return found?.isMade ? found.turns : undefined;
}
