import type { Clock } from "../../lib/clock.ts";
import { loop, wakeSignal } from "../../lib/loop.ts";
import type { RowMessage, RowPlace } from "../../projections/queries/row-types.ts";

export interface FeedSource {
  readNewest(): Promise<RowPlace>;
  /** Whether all that was told behind this place is kept. */
  isKept(place: RowPlace): Promise<boolean>;
  /** In their order, those behind a position. */
  read(wanted: { after: number; limit: number }): Promise<RowMessage[]>;
  /** Calls `heard` when something may have been told, and when it may have gone unheard. */
  listen(heard: () => void): Promise<unknown>;
}

interface FeedOptions {
  source: FeedSource;
  clock: Clock;
  onFailure: (error: unknown) => void;
}

export type RowFeed = ReturnType<typeof rowFeed>;

const BATCH = 100;
/** For those that keep up: whoever is further behind reads for itself. */
const RECENT = 300;
/** Looked for unasked, should a notification be lost on a connection that seems to live. */
const LOOK_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * What was told of the rows, read once for all that follow them here: nothing waits for a slow one, because
 * each has a place and no queue. While nobody follows, nothing is read.
 */
export function rowFeed({ source, clock, onFailure }: FeedOptions) {
  const woken = wakeSignal();
  let listening: Promise<unknown> | undefined;
  let followers = 0;
  let reading: { stop: AbortController; newest: RowPlace; recent: RowMessage[] } | undefined;
  let waiting: (() => void)[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  async function look(): Promise<"more" | "idle"> {
    const own = reading;
    if (!own) return "idle";
    try {
      const told = await source.read({ after: own.newest.position, limit: BATCH });
      const [first] = told;
      const last = told.at(-1);
      if (!first || !last) return "idle";
      const isNext = first.position === own.newest.position + 1;
      own.recent = [...(isNext ? own.recent : []), ...told].slice(-RECENT);
      own.newest = last;
      wakeAll();
      return told.length === BATCH ? "more" : "idle";
    } catch (error) {
      onFailure(error);
      await clock.pause(RETRY_MS, own.stop.signal);
      return "more";
    }
  }

  function wakeAll() {
    const woke = waiting;
    waiting = [];
    for (const wake of woke) wake();
  }

  return {
    /** Before anything else; `leave` when it is over. Returns where the rows stand. */
    async join(): Promise<RowPlace> {
      followers += 1;
      try {
        listening ??= source.listen(woken.notify).catch((error) => {
          listening = undefined;
          throw error;
        });
        await listening;
        const newest = await source.readNewest();
        if (!reading) {
          const stop = new AbortController();
          reading = { stop, newest, recent: [] };
          void loop(look, { clock, idleMs: LOOK_MS, signal: stop.signal, woken, onFailure });
        }
        return newest;
      } catch (error) {
        this.leave();
        throw error;
      }
    },

    leave() {
      followers -= 1;
      if (followers > 0) return;
      reading?.stop.abort();
      reading = undefined;
    },

    isKept: source.isKept,

    /** In their order, and some at a time; empty where nothing is behind this position yet. */
    async after(position: number): Promise<RowMessage[]> {
      const { newest, recent = [] } = reading ?? {};
      if (!newest || position >= newest.position) return [];
      const [oldest] = recent;
      if (oldest && position >= oldest.position - 1) {
        const from = position - oldest.position + 1;
        return recent.slice(from, from + BATCH);
      }
      // One after the other: who comes back after long reads much, and many may come back at once.
      const mine = turn.then(() => source.read({ after: position, limit: BATCH }));
      turn = mine.catch(() => {});
      return mine;
    },

    /** Resolves when something was told, or `signal` aborts. */
    async told(position: number, signal: AbortSignal): Promise<void> {
      if (signal.aborted || (reading && reading.newest.position > position)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      waiting = waiting.filter((one) => one !== resolve);
    },
  };
}
