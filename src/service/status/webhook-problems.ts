import type { Verdict } from "../../intake/webhooks/webhook-outcome.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { ofNobody, type Sentence } from "../../lib/sentence.ts";

/** Vivenu repeats sooner than that what is answered with 503: what is older has been mended, or ended. */
const RECENT_MS = 30 * 60_000;

/** So many bodies without room are somebody's doing, and no note any more when that is over. */
const CROWD = 20;
const CROWD_MS = 5 * 60_000;

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
  /** Null is for those whose account cannot be told. */
  const troubles = new Map<string | null, Trouble>();
  let crowd: Trouble | undefined;
  const isWithin = (ms: number, trouble?: Trouble): trouble is Trouble =>
    trouble !== undefined && agoMs(trouble.at.getTime(), clock.now().getTime()) < ms;

  function oneMore(known: Trouble | undefined, ms: number, reason: string): Trouble {
    const at = clock.now();
    const { since, times } = isWithin(ms, known) ? known : { since: at, times: 0 };
    return { since, at, times: times + 1, reason };
  }

  return {
    note({ outcome, account, detail, reason = detail }: Verdict) {
      if (outcome === "accepted" || outcome === "repeated") troubles.delete(account);
      if (outcome === "busy" || outcome === "slow") crowd = oneMore(crowd, CROWD_MS, reason);
      if (outcome === "unavailable" || outcome === "foreign")
        troubles.set(account, oneMore(troubles.get(account), RECENT_MS, reason));
    },
    /** Anybody can bring it about, and webhooks are taken meanwhile: it is no problem. */
    notes(): Sentence[] {
      if (!isWithin(CROWD_MS, crowd) || crowd.times <= CROWD) return [];
      return [
        ofNobody(
          `${crowd.times} webhook bodies found no room or came too slowly since ${crowd.since.toISOString()} (WEBHOOK_MEMORY, WEBHOOK_TIMEOUT): the gateway's log says who sends them.`,
        ),
      ];
    },
    read(): Sentence[] {
      return [...troubles]
        .filter(([, trouble]) => isWithin(RECENT_MS, trouble))
        .map(([account, { since, times, reason }]) => {
          const webhooks = times === 1 ? "A webhook" : `${times} webhooks`;
          const of = account ?? "an account that cannot be told";
          const text = `${webhooks} of ${of} got 503 since ${since.toISOString()}: ${reason}. Vivenu repeats them for two hours.`;
          return { account, text };
        });
    },
  };
}
