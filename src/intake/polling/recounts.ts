import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { poller } from "../polling/poller.ts";
import {
  dropHint,
  type Hint,
  type HintPace,
  postponeHint,
  readDueHints,
  serveHint,
} from "../store/recount-requests.ts";

export interface EarlyCountOptions {
  sql: Pool;
  clients: ReadonlyMap<string, VivenuClient>;
  poller: Pick<ReturnType<typeof poller>, "pollEvent">;
  pace: HintPace;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  /** Goes around all of an account's counts. */
  watch?: (account: string, count: () => Promise<void>) => Promise<void>;
}

/** Counts the events that webhooks marked. An event that fails waits for its next turn. */
export function earlyCounts(options: EarlyCountOptions) {
  const { sql, clients, pace, clock, log, signal, watch = (_, work) => work() } = options;
  const retryMs = Math.max(pace.intervalMs, pace.debounceMs);

  return async function step(): Promise<"more" | "idle"> {
    const hints = await readDueHints(sql, clock.now(), 20);
    // Side by side: an account that waits for its budget keeps no other waiting.
    const byAccount = [...Map.groupBy(hints, ({ account }) => account)];
    await Promise.all(byAccount.map(([account, own]) => watch(account, () => serveInTurn(own))));
    return hints.length > 0 && !signal.aborted ? "more" : "idle";
  };

  async function serveInTurn(hints: Hint[]) {
    for (const hint of hints) {
      if (signal.aborted) return;
      await serve(hint);
    }
  }

  async function serve(hint: Hint) {
    const { account, eventId } = hint;
    const client = clients.get(account);
    if (!client) {
      await dropHint(sql, hint);
      return;
    }
    const startedAt = clock.now();
    try {
      const until = await options.poller.pollEvent(client, eventId, signal);
      if (until) await serveHint(sql, hint, { startedAt, until }, pace);
      else await dropHint(sql, hint);
      log.info({ account, eventId, found: until !== undefined }, "event.counted");
    } catch (error) {
      if (signal.aborted) return;
      // Whatever it is, the others are not to wait for it; if it is our database, this fails as well.
      await postponeHint(sql, hint, new Date(clock.now().getTime() + retryMs));
      log.warn({ account, eventId, error }, "event.not_counted");
    }
  }
}
