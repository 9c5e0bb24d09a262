import postgres from "postgres";
import { aborted, childOf } from "../lib/abort.ts";
import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";
import { APPLICATION, reconnectAfter, type Sql } from "./connect.ts";
import type { LeaseName } from "./lease-names.ts";
import { type Secured, secured } from "./tls.ts";

export interface LeaseOptions {
  /** The database; the lease has a session of its own in it. */
  url: string;
  name: LeaseName;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /** Between two tries to become the holder, and between two heartbeats of the holder. */
  heartbeatMs: number;
  /** PostgreSQL ends the session of a holder that is silent for longer: a frozen process. */
  silentMs: number;
  /** How long a stop waits for work that is under way before it lets the lock go regardless. */
  graceMs?: number;
  onTurn?: (isHolder: boolean) => void;
  /** How long work may go on after its lease has ended before it is taken for dead. */
  abandonMs?: number;
  /** Told then: such work cannot be ended, and until it ends this process asks for no lease of this name. */
  onAbandoned?: () => void;
}

const GRACE_MS = 1_000;
const ABANDON_MS = 120_000;
/** Who gave its lease up leaves it to others for so long. */
const REST_MS = 30_000;

export interface Lease {
  name: LeaseName;
  /** Larger than that of every holder before. */
  token: bigint;
  /** Aborted when the lease is lost or the process is to stop. */
  signal: AbortSignal;
  /**
   * Call first in a writing transaction: throws `unavailable` when somebody else holds the lease by now. It asks
   * at once, so that what is sent behind the call waits with it.
   */
  check(tx: Sql): Promise<void>;
  /**
   * For whoever sees that the work is dead while this process lives: another one may do better. With
   * `toAnother` only where one waits for its turn.
   */
  giveUp(reason: string, how?: { toAnother: boolean }): void;
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
  const { url, name, clock, logger, signal, heartbeatMs } = options;
  // Once, so that files that are half written when a session begins are used as they were before.
  const reached = secured(url, logger);
  let failed = 0;
  while (!signal.aborted) {
    const session = openSession(reached, options);
    let restMs = heartbeatMs;
    try {
      const token = await waitForTurn(session, options);
      if (token !== undefined) {
        logger.info({ lease: name, turn: String(token) }, "lease.acquired");
        if ((await hold(session, token, options, work)) === "given up") restMs = REST_MS;
        failed = 0;
      }
    } catch (error) {
      // Work that cannot even begin leaves the others time to try.
      failed += 1;
      restMs = Math.min(heartbeatMs * 2 ** (failed - 1), REST_MS);
      if (!signal.aborted) logger.warn({ lease: name, error }, "lease.lost");
    } finally {
      await session.end({ timeout: 1 }).catch(() => {});
    }
    await clock.pause(restMs, signal);
  }
}

const openSession = ({ url, tls }: Secured, { name, silentMs }: LeaseOptions) =>
  postgres(url, {
    ...tls,
    max: 1,
    onnotice: () => {},
    connect_timeout: 5,
    backoff: reconnectAfter,
    // No statement of it has an array: which types there are lists of need not be asked.
    fetch_types: false,
    // A session that postgres.js would replace by a new one has lost the lock.
    max_lifetime: null,
    connection: {
      application_name: `${APPLICATION} lease ${name}`,
      idle_session_timeout: silentMs,
    },
  });

/** Tries until it is this process's turn; undefined when it is to stop before that. */
async function waitForTurn(session: postgres.Sql, options: LeaseOptions) {
  const { name, clock, signal, heartbeatMs } = options;
  while (!signal.aborted) {
    const token = await inTime(acquire(session, name), options, signal);
    if (token !== undefined) return token;
    await clock.pause(heartbeatMs, signal);
  }
  return undefined;
}

/** Lock and token in one statement, so that both are of one session. */
async function acquire(session: postgres.Sql, name: LeaseName): Promise<bigint | undefined> {
  const [row] = await session<{ token: string }[]>`
    with lock as materialized (
      select pg_try_advisory_lock(${lockOf(session, name)}) as held
    )
    insert into lease (name, token)
    select ${name}, 1 from lock where held
    on conflict (name) do update set token = lease.token + 1
    returning token
  `;
  return row && BigInt(row.token);
}

async function hold(
  session: postgres.Sql,
  token: bigint,
  options: LeaseOptions,
  work: (lease: Lease) => Promise<void>,
) {
  const { name, clock, logger, heartbeatMs } = options;
  const held = childOf(options.signal);
  let isGivenUp = false;
  const lease: Lease = {
    name,
    token,
    signal: held.signal,
    async check(tx) {
      const [row] = await tx<{ token: string }[]>`
        select token from lease where name = ${name} for share
      `.execute();
      if (row === undefined || BigInt(row.token) !== token)
        throw new Failure("unavailable", `the lease ${name} is held by another process`);
    },
    giveUp(reason, { toAnother } = { toAnother: false }) {
      if (!toAnother) return giveUp(reason);
      // Who cannot be asked holds nothing any more, as the next heartbeat says.
      void isAwaited(session).then(
        (awaited) => awaited && giveUp(reason),
        () => {},
      );
    },
  };
  function giveUp(reason: string) {
    if (held.signal.aborted) return;
    isGivenUp = true;
    logger.error({ lease: name, reason }, "lease.given_up");
    held.end();
  }
  options.onTurn?.(true);
  const working = work(lease).finally(held.end);
  // It may fail while a heartbeat is under way, before anybody waits for it.
  working.catch(() => {});
  while (!held.signal.aborted) {
    await clock.pause(heartbeatMs, held.signal);
    if (held.signal.aborted) break;
    try {
      if (await inTime(stillHeld(session, name), options, held.signal)) continue;
      logger.warn({ lease: name }, "lease.lost");
    } catch (error) {
      if (!held.signal.aborted) logger.warn({ lease: name, error }, "lease.lost");
    }
    held.end();
  }
  options.onTurn?.(false);
  // Whoever waits for it need not wait for work that may never end; only a stop lets it end first.
  if (!options.signal.aborted) await session.end({ timeout: 1 }).catch(() => {});
  // A lost lease is not asked for again before its work has ended: nothing runs twice in one process.
  if ((await ended(working, options)) === "hanging")
    logger.warn({ lease: name }, "lease.abandoned");
  return isGivenUp ? "given up" : "over";
}

/** A stop waits no longer than `graceMs`: whatever the work still tries to write, the fence keeps out. */
async function ended(working: Promise<void>, options: LeaseOptions) {
  const { name, clock, logger, signal, graceMs = GRACE_MS, abandonMs = ABANDON_MS } = options;
  const stop = childOf(signal);
  const over = childOf();
  const tooLong = aborted(stop.signal)
    .then(() => clock.pause(graceMs, over.signal))
    .then(() => "hanging" as const);
  void clock.pause(abandonMs, over.signal).then(() => {
    if (over.signal.aborted || signal.aborted) return;
    logger.error({ lease: name, abandonMs }, "lease.work_hangs");
    options.onAbandoned?.();
  });
  try {
    return await Promise.race([working.then(() => "done" as const), tooLong]);
  } finally {
    over.end();
    stop.end();
  }
}

/** A connection can hang without an error: after `silentMs` PostgreSQL has ended the session anyway. */
async function inTime<Answer>(
  answer: Promise<Answer>,
  { name, clock, silentMs }: LeaseOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const waiting = childOf(signal);
  const limit = clock.pause(silentMs, waiting.signal).then(() => {
    throw new Failure("unavailable", `the session of the lease ${name} does not answer`);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    waiting.end();
  }
}

/** Whoever wants a lease has a session of its name. */
async function isAwaited(session: postgres.Sql) {
  const others = await session`
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and application_name = current_setting('application_name')
    limit 1
  `;
  return others.length > 0;
}

const lockOf = (session: postgres.Sql, name: LeaseName) =>
  session`hashtextextended(${`lease ${name}`}, 0)`;

/** Asks the lock itself: the session may be a new one that postgres.js opened in the old one's stead. */
async function stillHeld(session: postgres.Sql, name: LeaseName) {
  const [row] = await session<{ held: boolean }[]>`
    select exists (
      select from pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and granted
        and (classid::bigint << 32 | objid::bigint) = ${lockOf(session, name)}
    ) as held
  `;
  return row?.held === true;
}
