import postgres from "postgres";
import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import type { Sql } from "./connect.ts";

export interface LeaseOptions {
  /** The database; the lease has a session of its own in it. */
  url: string;
  name: string;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  /** Between two tries to become the holder, and between two heartbeats of the holder. */
  heartbeatMs: number;
  /** PostgreSQL ends the session of a holder that is silent for longer: a frozen process. */
  silentMs: number;
}

export interface Lease {
  /** Aborted when the lease is lost or the process is to stop. */
  signal: AbortSignal;
  /** Call first in a writing transaction: throws `unavailable` when somebody else holds the lease by now. */
  check(tx: Sql): Promise<void>;
}

/**
 * Runs `work` while this process is the one holder of the lease, again and again until `signal`
 * aborts. The lock is PostgreSQL's advisory lock, which ends with its session; the token fences off a
 * holder that does not know yet that it lost it.
 */
export async function whileHolding(
  options: LeaseOptions,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  const { name, clock, log, signal, heartbeatMs } = options;
  while (!signal.aborted) {
    const session = openSession(options);
    try {
      const token = await acquire(session, name);
      if (token !== undefined) {
        log.info({ lease: name, turn: String(token) }, "lease.acquired");
        await hold(session, token, options, work);
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ lease: name, error }, "lease.lost");
    } finally {
      await session.end({ timeout: 1 }).catch(() => {});
    }
    await clock.pause(heartbeatMs, signal);
  }
}

const openSession = ({ url, name, silentMs }: LeaseOptions) =>
  postgres(url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 5,
    // A session that postgres.js would replace by a new one has lost the lock.
    max_lifetime: null,
    connection: {
      application_name: `vivenu-event-monitor lease ${name}`,
      idle_session_timeout: silentMs,
    },
  });

async function acquire(session: postgres.Sql, name: string): Promise<bigint | undefined> {
  const [lock] = await session<{ held: boolean }[]>`
    select pg_try_advisory_lock(hashtextextended(${`lease ${name}`}, 0)) as held
  `;
  if (!lock?.held) return undefined;
  const [row] = await session<{ token: string }[]>`
    insert into lease (name, token) values (${name}, 1)
    on conflict (name) do update set token = lease.token + 1
    returning token
  `;
  return row && BigInt(row.token);
}

async function hold(
  session: postgres.Sql,
  token: bigint,
  { name, clock, signal, heartbeatMs }: LeaseOptions,
  work: (lease: Lease) => Promise<void>,
) {
  const lost = new AbortController();
  const either = AbortSignal.any([signal, lost.signal]);
  const lease: Lease = {
    signal: either,
    async check(tx) {
      const [row] = await tx<{ token: string }[]>`
        select token from lease where name = ${name} for share
      `;
      if (row === undefined || BigInt(row.token) !== token)
        throw new Failure("unavailable", `the lease ${name} is held by another process`);
    },
  };
  const working = work(lease).finally(() => lost.abort());
  while (!either.aborted) {
    await clock.pause(heartbeatMs, either);
    if (either.aborted) break;
    if (!(await stillHeld(session, name).catch(() => false))) lost.abort();
  }
  await working;
}

/** Asks the lock itself: the session may be a new one that postgres.js opened in the old one's stead. */
async function stillHeld(session: postgres.Sql, name: string) {
  const [row] = await session<{ held: boolean }[]>`
    select exists (
      select from pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and granted
        and (classid::bigint << 32 | objid::bigint) = hashtextextended(${`lease ${name}`}, 0)
    ) as held
  `;
  return row?.held === true;
}
