import { agoMs, type Clock } from "../../lib/clock.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { AGAIN_MS } from "./schedule.ts";

export interface UnreadPoll {
  account: string;
  complete: boolean;
  eventsCounted: number;
  failures: readonly { eventId: string | null; kind: string }[];
}

export interface UnreadAccountsOptions {
  clientOf: (account: string) => Pick<VivenuClient, "readEventTotal" | "readTicketTotal">;
  clock: Clock;
  signal: AbortSignal;
}

/** What Vivenu, the way to it or the account's key is to blame for, and may end at any time. */
const PASSING = ["unavailable", "key_refused", "refused", "missing"];

/**
 * Accounts of which a poll could read nothing at all, and that are answered again: a poll of them need not wait for
 * its hour. Two requests ask. One that fails once more waits for its hour, or it would be polled all the time.
 */
export function unreadAccounts({ clientOf, clock, signal }: UnreadAccountsOptions) {
  const polledAt = new Map<string, number>();

  return async function answered(polls: readonly UnreadPoll[]): Promise<string[]> {
    const now = clock.now().getTime();
    const unread = polls.filter(
      ({ account, ...poll }) =>
        isUnread(poll) && agoMs(polledAt.get(account) ?? Number.NEGATIVE_INFINITY, now) >= AGAIN_MS,
    );
    const are = await Promise.all(unread.map(({ account }) => isAnswered(account)));
    const accounts = unread.flatMap(({ account }, n) => (are[n] ? account : []));
    for (const account of accounts) polledAt.set(account, now);
    return accounts;
  };

  async function isAnswered(account: string) {
    const once = { signal, retries: 0 };
    try {
      const client = clientOf(account);
      await client.readEventTotal(once);
      await client.readTicketTotal({}, once);
      return true;
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }
}

const isUnread = ({ complete, eventsCounted, failures }: Omit<UnreadPoll, "account">) =>
  !complete &&
  eventsCounted === 0 &&
  failures.some(({ eventId, kind }) => eventId === null && PASSING.includes(kind));
