import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";

/** Whoever waits says so every 15 s; what comes later is another wait. */
const SAME_WAIT_MS = 30_000;
/** The minute's limit alone makes a count pause for less. */
const LONG_MS = 2 * 60_000;
const AGAIN_MS = 10 * 60_000;

interface Wait {
  since: number;
  lastAt: number;
  toldAt: number | undefined;
}

/** For a command that somebody watches: which account's requests have waited for long, and for what, in the log. */
export function waitingTold(logger: Logger, clock: Clock) {
  const waits = new Map<string, Wait>();
  return (account: string): void => {
    const now = clock.now().getTime();
    const before = waits.get(account);
    const goesOn = before !== undefined && now - before.lastAt <= SAME_WAIT_MS;
    const wait = goesOn ? before : { since: now, lastAt: now, toldAt: undefined };
    wait.lastAt = now;
    waits.set(account, wait);
    const isNew = wait.toldAt === undefined || now - wait.toldAt >= AGAIN_MS;
    if (now - wait.since < LONG_MS || !isNew) return;
    wait.toldAt = now;
    const limits =
      "VIVENU_REQUESTS_PER_HOUR and VIVENU_REQUESTS_PER_MINUTE, over all processes, or Vivenu's own (429)";
    logger.warn({ account, since: new Date(wait.since), limits }, "account.waits");
  };
}
