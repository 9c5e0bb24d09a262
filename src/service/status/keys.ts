import type { Pool } from "../../database/connect.ts";
import type { Lease } from "../../database/lease.ts";
import { KEY_REFUSED } from "../../intake/events/key-refused.ts";
import { readAccountReading } from "../../intake/store/account-reading.ts";
import type { Clock } from "../../lib/clock.ts";
import { readLastPolls } from "../../projections/tables/polls.ts";
import type { Failing, FailingLoop } from "./failing.ts";

const PREFIX = "the key of ";
const saidSince = (since: Date) =>
  `Vivenu refuses it since ${since.toISOString()}; give the account a valid seller API key.`;

interface Watching {
  failing: Failing;
  clock: Clock;
  lease: Lease;
}

interface FailedCount {
  account: string;
  isKeyRefused: boolean;
  /** Why, where it is the key of another account. */
  othersKey?: string;
}

/** Keeps, for every replica and for /status, what counting an account's changes has learned of its key. */
export function keyWatch({ failing, clock, lease }: Watching) {
  /** Since when it is refused, as far as this turn knows. */
  const noted = new Map<string, Date>();
  const clear = (name: string) => {
    noted.delete(name);
    failing.clear(name, lease);
  };
  return {
    onCounted: ({ account }: { account: string }) => clear(`${PREFIX}${account}`),
    /** Another failure says nothing of the key. */
    onFailed({ account, isKeyRefused, othersKey }: FailedCount) {
      if (!isKeyRefused) return;
      const name = `${PREFIX}${account}`;
      const since = noted.get(name) ?? clock.now();
      noted.set(name, since);
      failing.note({ loop: name, account }, othersKey ?? saidSince(since), clock.now(), lease);
    },
    /** Whoever counts next learns it anew. */
    end: () => [...noted.keys()].forEach(clear),
  };
}

/**
 * Whose key Vivenu refused when it was last asked, whoever asked: a poll by the CronJob, or the replica
 * that counts their changes. `others` are the failing loops that are no keys.
 */
export async function readRefusedKeys(sql: Pool, failing: Pick<Failing, "read">) {
  const [loops, polls] = await Promise.all([failing.read(), readLastPolls(sql)]);
  const refused = new Set(
    loops.flatMap(({ loop }) => (loop.startsWith(PREFIX) ? loop.slice(PREFIX.length) : [])),
  );
  for (const { account, finishedAt, failures } of polls) {
    if (!failures.some(({ kind }) => kind === KEY_REFUSED)) continue;
    const { followedAt } = await readAccountReading(sql, account);
    if (!followedAt || followedAt < finishedAt) refused.add(account);
  }
  return { refused, others: withoutKeys(loops) };
}

export const withoutKeys = (loops: readonly FailingLoop[]) =>
  loops.filter(({ loop }) => !loop.startsWith(PREFIX));
