import type { Lease } from "../database/lease.ts";
import type { Clock } from "../lib/clock.ts";
import type { AttemptOutcome } from "../vivenu/request.ts";
import type { Failing } from "./failing.ts";

/** One that fails alone is asked again within a second or two. */
const IN_A_ROW = 3;

interface Watching {
  failing: Pick<Failing, "note" | "clear">;
  clock: Clock;
}

/**
 * Says in /status that Vivenu does not answer for an account, from the third request in a row on:
 * whoever asks tries for minutes before it gives up, and an hour may pass before it asks again.
 */
export function vivenuWatch({ failing, clock }: Watching) {
  const failed = new Map<string, number>();
  let lease: Lease | undefined;
  const nameOf = (account: string) => `Vivenu for ${account}`;
  const clear = (account: string) => {
    if ((failed.get(account) ?? 0) >= IN_A_ROW) failing.clear(nameOf(account), lease);
    failed.delete(account);
  };
  return {
    /** Whoever holds the lease says it for all. */
    begin(held: Lease) {
      lease = held;
    },
    asked(account: string, outcome: AttemptOutcome) {
      if (outcome !== "failed") return clear(account);
      const inARow = (failed.get(account) ?? 0) + 1;
      failed.set(account, inARow);
      if (inARow < IN_A_ROW) return;
      const told = `the last ${inARow} requests were not answered; it is asked again later.`;
      failing.note(nameOf(account), told, clock.now(), lease);
    },
    end() {
      for (const account of [...failed.keys()]) clear(account);
      lease = undefined;
    },
  };
}
