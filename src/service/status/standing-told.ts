import type { Lease } from "../../database/lease.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Failing } from "./failing.ts";

interface Told {
  failing: Failing;
  clock: Clock;
  logger: Logger;
}

/** What a standing watch says, in /status and in the log: for all where a lease is held. */
export const standingTold = (
  { failing, clock, logger }: Told,
  lease?: Lease,
  accountOf: (name: string) => string | undefined = () => undefined,
) => ({
  onStanding(name: string, since: Date) {
    const told = `it stands still: nothing of it has come to an end since ${since.toISOString()}.`;
    const account = accountOf(name);
    failing.note(account ? { loop: name, account } : name, told, clock.now(), lease);
    logger.error({ work: name, since }, "work.standing");
  },
  onGoing: (name: string) => failing.clear(name, lease),
});
