import type { Sql } from "../../database/connect.ts";
import {
  addOutcomes,
  type OutcomeCount,
  readOutcomes,
} from "../../intake/store/webhook-outcomes.ts";
import type { Verdict } from "../../intake/webhooks/webhook-outcome.ts";
import type { Clock } from "../../lib/clock.ts";

/** No webhook waits for this, and a burst is one statement. */
const FLUSH_MS = 2_000;

export type WebhookCounts = ReturnType<typeof webhookCounts>;

/** Counts what became of webhook requests, for all replicas to tell. What cannot be written yet is added to. */
export function webhookCounts({ sql, clock }: { sql: Sql; clock: Clock }) {
  let counts = new Map<string, OutcomeCount>();
  let isDue = false;

  let flushing: Promise<void> = Promise.resolve();

  /** Whoever asks is answered when what is under way is written as well. */
  function flush(): Promise<void> {
    flushing = flushing.then(flushAll);
    return flushing;
  }

  async function flushAll() {
    const taken = counts;
    if (taken.size === 0) return;
    counts = new Map();
    try {
      await addOutcomes(sql, [...taken.values()], clock.now());
    } catch {
      // Whatever is wrong with the database, others say it.
      for (const { account, outcome, requests } of taken.values()) add(account, outcome, requests);
    }
  }

  function add(account: string | null, outcome: string, requests: number) {
    const key = `${account ?? ""} ${outcome}`;
    const before = counts.get(key)?.requests ?? 0;
    counts.set(key, { account, outcome, requests: before + requests });
  }

  async function flushSoon() {
    if (isDue) return;
    isDue = true;
    await clock.pause(FLUSH_MS);
    isDue = false;
    await flush();
    if (counts.size > 0) void flushSoon();
  }

  return {
    note({ account, outcome }: Pick<Verdict, "account" | "outcome">) {
      add(account, outcome, 1);
      void flushSoon();
    },
    flush,
    async read(now: Date) {
      await flush();
      return readOutcomes(sql, now);
    },
  };
}
