/**
 * A replay gives way while somebody waits for an answer: PostgreSQL's own processes know no nice value, and
 * what a replay has them do they do as fast as what is read.
 */
import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";

/** Notified by every process that answers reads, while it is asked. */
const READS_CHANNEL = "reads";
const TELL_EVERY_MS = 1_000;
/** So long after the last word nobody reads any more: words may come late, and one may be lost. */
const HEARD_MS = 3_000;
/** Of the time that a page took, while somebody reads. */
const REST_SHARE = 3;

/** Called at each read; a failure harms nobody but those who wait longer. */
export function readsTeller(sql: Pool, now: () => number = () => performance.now()) {
  let toldAt = Number.NEGATIVE_INFINITY;
  return function tellRead() {
    if (now() - toldAt < TELL_EVERY_MS) return;
    toldAt = now();
    void sql.notify(READS_CHANNEL, "").catch(() => {});
  };
}

/** What of a replay is done page by page: at once while nobody reads, or else one at a time with rests between. */
export interface Turns {
  turn<Done>(work: () => Promise<Done>): Promise<Done>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function readsFirst(
  sql: Pool,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Turns> {
  const now = () => clock.now().getTime();
  let heardAt = Number.NEGATIVE_INFINITY;
  const isRead = () => Math.abs(now() - heardAt) < HEARD_MS;
  const heard = () => {
    heardAt = now();
  };
  const { unlisten } = await sql.listen(READS_CHANNEL, heard);
  let last: Promise<unknown> = Promise.resolve();

  async function alone<Done>(work: () => Promise<Done>): Promise<Done> {
    const begun = now();
    const done = await work();
    if (isRead()) await clock.pause(REST_SHARE * Math.max(0, now() - begun), signal);
    return done;
  }

  return {
    turn(work) {
      if (!isRead()) return work();
      const mine = last.then(() => alone(work));
      // Whoever comes next waits for its end, however it ends.
      last = mine.catch(() => {});
      return mine;
    },
    // Without a connection nobody listens any more.
    [Symbol.asyncDispose]: () => unlisten().catch(() => {}),
  };
}
