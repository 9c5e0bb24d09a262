import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { traced } from "../../lib/tracing.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { isKeyRefused } from "../events/key-refused.ts";
import {
  type DueRecount,
  dropRecount,
  postponeRecount,
  type RecountPace,
  readDueRecounts,
  serveRecount,
} from "../store/recount-requests.ts";
import type { poller } from "./poller.ts";

export interface RecountOptions {
  sql: Pool;
  clients: ReadonlyMap<string, VivenuClient>;
  poller: Pick<ReturnType<typeof poller>, "pollEvent">;
  pace: RecountPace;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /** Goes around all of an account's counts. */
  watch?: (account: string, count: () => Promise<void>) => Promise<void>;
  /** Told of an account whose key was refused. */
  onKeyRefused?: (account: string) => void;
}

/** Serves recount requests as they come due. An event that fails waits for its next turn. */
export function recounts(options: RecountOptions) {
  const { sql, clients, pace, clock, logger, signal, watch = (_, work) => work() } = options;
  const retryMs = Math.max(pace.intervalMs, pace.debounceMs);

  return async function step(): Promise<"more" | "idle"> {
    const requests = await readDueRecounts(sql, clock.now(), 20);
    // Side by side: an account that waits for its budget keeps no other waiting.
    const byAccount = [...Map.groupBy(requests, ({ account }) => account)];
    await Promise.all(byAccount.map(([account, own]) => watch(account, () => serveInTurn(own))));
    return requests.length > 0 && !signal.aborted ? "more" : "idle";
  };

  async function serveInTurn(requests: DueRecount[]) {
    for (const request of requests) {
      if (signal.aborted) break;
      const { account, eventId, traceparent: parent } = request;
      const attributes = { account, event_id: eventId };
      await traced("event.recount", { parent, kind: "consumer", attributes }, () => serve(request));
    }
  }

  async function serve(request: DueRecount) {
    const { account, eventId } = request;
    const client = clients.get(account);
    if (!client) {
      await dropRecount(sql, request);
      return;
    }
    const startedAt = clock.now();
    try {
      const until = await options.poller.pollEvent(client, eventId, signal);
      if (until) await serveRecount(sql, request, { startedAt, until }, pace);
      else await dropRecount(sql, request);
      logger.info({ account, eventId, found: until !== undefined }, "event.counted");
    } catch (error) {
      if (signal.aborted) return;
      // Whatever it is, the others are not to wait for it; if it is our database, this fails as well.
      await postponeRecount(sql, request, new Date(clock.now().getTime() + retryMs));
      logger.warn({ account, eventId, error }, "event.not_counted");
      if (isKeyRefused(error)) options.onKeyRefused?.(account);
    }
  }
}
