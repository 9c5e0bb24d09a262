import type { Pool, Sql } from "../database/connect.ts";
import { blameOf } from "../database/fault.ts";
import type { Lease } from "../database/lease.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";
import { redactText } from "../lib/redact.ts";
import { ReplayHeld } from "./held.ts";
import { endCommand, readWantedRestart } from "./steering.ts";

/** So long an outage is waited out before the command is reported as failed. */
const PATIENCE_MS = 6 * 3_600_000;
const LONGEST = 500;

export interface RestartOptions {
  sql: Pool;
  lease: Lease;
  clock: Clock;
  logger: Logger;
  /**
   * Rebuilds the rows from that hour on, unless anything is held; `also` is of the transaction that swaps
   * them in.
   */
  replay: (timeBucket: string, also: (tx: Sql) => Promise<void>) => Promise<unknown>;
}

/** Restarts that were asked for, one after the other, while commands are still taken. */
export function restarter({ sql, lease, clock, logger, replay }: RestartOptions) {
  return async function step(): Promise<"more" | "idle"> {
    const wanted = await readWantedRestart(sql);
    if (!wanted) return "idle";
    const { id, timeBucket, receivedAt } = wanted;
    const fail = (details: string) =>
      sql.begin(async (tx) => {
        await lease.check(tx);
        await endCommand(tx, id, { outcome: "failed", details }, clock.now());
      });
    try {
      await replay(timeBucket, async (tx) => {
        await lease.check(tx);
        await endCommand(tx, id, { outcome: "done" }, clock.now());
      });
      logger.info({ command: id, timeBucket }, "pathway.restarted");
    } catch (error) {
      if (lease.signal.aborted) throw error;
      const isOver = clock.now().getTime() - receivedAt.getTime() > PATIENCE_MS;
      const isHeld = error instanceof ReplayHeld;
      // The replay goes on from where it was when the other system is there again.
      if (blameOf(error) === "outage" && !isHeld && !isOver) throw error;
      await fail(redactText(messageOf(error)).slice(0, LONGEST));
    }
    return "more";
  };
}
