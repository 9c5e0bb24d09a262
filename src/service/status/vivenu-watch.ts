import type { Lease } from "../../database/lease.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AttemptOutcome, OnOver } from "../../vivenu/request.ts";
import type { Failing } from "./failing.ts";

/** One that fails alone is asked again within a second or two. */
const IN_A_ROW = 3;
/** One that is asked to wait a while is no problem; one that is never let through is. */
const THROTTLED_MS = 20_000;
/** Below the minute in which /status says what is wrong; how long one request may take is configured. */
const UNANSWERED_MS = 40_000;

interface Watching {
  failing: Pick<Failing, "note" | "clear">;
  clock: Clock;
}

interface Unanswered {
  inARow: number;
  /** When the first of them was sent. */
  since: Date;
  isTold: boolean;
}

/**
 * Says in /status that Vivenu does not answer for an account, from the third failed request in a row on,
 * or as soon as one waits for its answer for so long: whoever asks tries for minutes before it gives up,
 * and minutes may pass before it asks again.
 */
export function vivenuWatch({ failing, clock }: Watching) {
  const unanswered = new Map<string, Unanswered>();
  const throttled = new Map<string, Unanswered>();
  const waiting = new Set<ReturnType<typeof setTimeout>>();
  let lease: Lease | undefined;
  const nameOf = (account: string) => `Vivenu for ${account}`;

  function clear(account: string) {
    if (unanswered.get(account)?.isTold) failing.clear(nameOf(account), lease);
    unanswered.delete(account);
  }

  function tell(account: string, { inARow, since }: Unanswered) {
    unanswered.set(account, { inARow, since, isTold: true });
    const requests = inARow > 1 ? `the last ${inARow} requests were` : "the last request was";
    const told = `${requests} not answered, since ${since.toISOString()}; it is asked again and again.`;
    failing.note({ loop: nameOf(account), account }, told, clock.now(), lease);
  }

  const limitOf = (account: string) => `Vivenu's limit for ${account}`;

  function letThrough(account: string) {
    if (throttled.get(account)?.isTold) failing.clear(limitOf(account), lease);
    throttled.delete(account);
  }

  function holdUp(account: string, sentAt: Date) {
    const before = throttled.get(account) ?? { inARow: 0, since: sentAt, isTold: false };
    const now = { ...before, inARow: before.inARow + 1 };
    throttled.set(account, now);
    const isLong = clock.now().getTime() - now.since.getTime() >= THROTTLED_MS;
    if (now.inARow < IN_A_ROW || !(isLong || now.isTold)) return;
    throttled.set(account, { ...now, isTold: true });
    const told = `it lets no request through (429), since ${now.since.toISOString()}; they wait as long as it says. Another program with this key may use up what it allows.`;
    failing.note({ loop: limitOf(account), account }, told, clock.now(), lease);
  }

  function over(account: string, sentAt: Date, outcome: AttemptOutcome) {
    if (outcome === "throttled") holdUp(account, sentAt);
    else letThrough(account);
    if (outcome !== "failed") return clear(account);
    const before = unanswered.get(account) ?? { inARow: 0, since: sentAt, isTold: false };
    const now = { ...before, inARow: before.inARow + 1 };
    unanswered.set(account, now);
    const isLong = clock.now().getTime() - now.since.getTime() >= UNANSWERED_MS;
    if (now.isTold || now.inARow >= IN_A_ROW || isLong) tell(account, now);
  }

  return {
    /** Whoever holds the lease says it for all. */
    begin(held: Lease) {
      lease = held;
    },
    /** Told when a request is sent, and by what it returns when it is over. */
    sent(account: string): OnOver {
      const sentAt = clock.now();
      const timer = setTimeout(() => {
        tell(account, unanswered.get(account) ?? { inARow: 0, since: sentAt, isTold: false });
      }, UNANSWERED_MS);
      timer.unref();
      waiting.add(timer);
      return (outcome) => {
        clearTimeout(timer);
        waiting.delete(timer);
        if (outcome) over(account, sentAt, outcome);
      };
    },
    end() {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
      for (const account of [...unanswered.keys()]) clear(account);
      for (const account of [...throttled.keys()]) letThrough(account);
      lease = undefined;
    },
  };
}
