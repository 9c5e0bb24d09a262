import { Failure } from "../lib/failure.ts";
import type { Sql } from "./connect.ts";

/**
 * The lease and the loop of the outbox relay. The name is older than the word: programs of two versions
 * must wait for the same lease, and alerts name the loop.
 */
export const RELAY = "courier";

/** The leases: of each one process in all works. */
export const leases = [RELAY, "consumer", "poller", "mirror", "notifier"] as const;
export type LeaseName = (typeof leases)[number];

/**
 * Keeps whoever holds this lease from writing until the transaction ends, for the holder checks the
 * lease's row in each of its own. A lease that nobody has held yet gets its row here: a lock of no row
 * would keep nobody out, in silence.
 */
export async function lockLease(tx: Sql, name: LeaseName): Promise<void> {
  await tx`insert into lease (name, token) values (${name}, 0) on conflict do nothing`;
  const locked = await tx`select from lease where name = ${name} for update`;
  if (locked.length === 0)
    throw new Failure("missing", `there is no lease ${name} that could be locked`);
}
