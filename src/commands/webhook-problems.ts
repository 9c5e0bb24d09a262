import type { Verdict } from "../intake/webhooks/outcome.ts";
import type { Clock } from "../lib/clock.ts";

/** Vivenu repeats sooner than that what is answered with 503: what is older has been mended, or ended. */
const RECENT_MS = 30 * 60_000;

interface Trouble {
  since: Date;
  at: Date;
  times: number;
  reason: string;
}

/**
 * Signed webhooks that this process did not take, for `/status`: by account, until one of the account's
 * is taken again. What strangers send is no problem of the service's.
 */
export function webhookProblems(clock: Clock) {
  const troubles = new Map<string, Trouble>();

  return {
    note({ outcome, account, detail, reason = detail }: Verdict) {
      const of = account ?? "an account that cannot be told";
      if (outcome === "accepted" || outcome === "repeated") troubles.delete(of);
      if (outcome !== "unavailable" && outcome !== "foreign") return;
      const at = clock.now();
      const known = troubles.get(of);
      const isRecent = known && at.getTime() - known.at.getTime() < RECENT_MS;
      const { since, times } = isRecent ? known : { since: at, times: 0 };
      troubles.set(of, { since, at, times: times + 1, reason });
    },
    read(): string[] {
      const now = clock.now().getTime();
      return [...troubles]
        .filter(([, { at }]) => now - at.getTime() < RECENT_MS)
        .map(([of, { since, times, reason }]) => {
          const webhooks = times === 1 ? "A webhook" : `${times} webhooks`;
          return `${webhooks} of ${of} got 503 since ${since.toISOString()}: ${reason}. Vivenu repeats them for two hours.`;
        });
    },
  };
}
