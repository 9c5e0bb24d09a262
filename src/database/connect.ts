import postgres from "postgres";
import type { Logger } from "../lib/logger.ts";
import { secured } from "./tls.ts";
import { guardTransactions } from "./transaction.ts";

/** What a query needs: a pool or a transaction. */
export type Sql = postgres.ISql;
export type Pool = postgres.Sql;

export interface ConnectOptions {
  /** Connections at most. */
  max?: number;
  applicationName?: string;
  /** The schemas in which names are looked up, the first of them where tables are made. */
  searchPath?: string[];
  /** A statement that takes longer is given up; a connection that says nothing for so long is closed. */
  limitMs?: number;
  /** How long an idle connection is left alone before it is asked for a sign of life. */
  probeMs?: number;
  /** Told of files of TLS that cannot be used any more. */
  logger?: Logger;
}

/** As PostgreSQL calls our sessions. */
export const APPLICATION = "vivenu-event-monitor";

/** A frozen process keeps the locks of its open transaction, and with them whoever takes over, no longer. */
const FROZEN_MS = 15_000;
/** Work in one transaction takes no longer: where it hangs elsewhere it is given up before its session is ended. */
export const LONGEST_WORK_MS = FROZEN_MS - 1_000;
const LIMIT_MS = 30_000;
/** Of a connection's limit: PostgreSQL gives a statement up a little before we close the connection. */
const STATEMENT_SHARE = 0.9;
/** For what takes its time by right: a migration, the statements that compare and swap all rows. */
export const LONG_LIMIT_MS = 3_600_000;
const PROBE_MS = 5_000;
/** A connection that failed is tried again after so long at most: whoever asks waits for it, and not for the driver's 20 s. */
const RECONNECT_S = 1;
/** PostgreSQL has nothing to do for a probe. */
const PROBED_MS = 3_000;

/** As the driver's own but for its end, in seconds; with some chance in it, so that many do not come at one time. */
export const reconnectAfter = (failures: number) =>
  (0.5 + Math.random() / 2) * Math.min(3 ** failures / 100, RECONNECT_S);

/** Connections that fell silent and were closed: a host or a way to it that is gone without a word. */
export interface Silence {
  connections: number;
  lastAt: Date;
}

const silences = new WeakMap<Pool, Silence>();

/** Undefined while every connection of this pool has answered. */
export const silenceOf = (pool: Pool) => silences.get(pool);

/**
 * As postgres.js has it, but that the years before 100 are what they are and not those of our time, and that a text
 * is PostgreSQL's to read: as a Date it would lose its microseconds, and "infinity" is none.
 */
const MOMENT: postgres.PostgresType<Date> = {
  to: 1184,
  from: [1082, 1114, 1184],
  serialize: (moment: Date | string) => (moment instanceof Date ? moment.toISOString() : moment),
  parse: (text: string) => new Date(text.replace(MOMENT_TEXT, isoOf)),
};

const MOMENT_TEXT = /^(\S+) (\S+?)([+-]\d\d(?::\d\d)?)?$/;

/** A session may have another zone than ours for a while: an offset has minutes in ISO's text. */
const isoOf = (_: string, day: string, time: string, offset = "Z") =>
  `${day}T${time}${/^[+-]\d\d$/.test(offset) ? `${offset}:00` : offset}`;

/** As postgres.js has it, and in the format `escape`, which a role may have set. */
const BYTES: postgres.PostgresType<Uint8Array> = {
  to: 17,
  from: [17],
  serialize: (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString("hex")}`,
  parse: (text: string) =>
    text.startsWith("\\x")
      ? Buffer.from(text.slice(2), "hex")
      : Buffer.from(text.replace(ESCAPED, unescaped), "latin1"),
};

const ESCAPED = /\\(\\|[0-7]{3})/g;

const unescaped = (_: string, code: string) =>
  code === "\\" ? code : String.fromCharCode(Number.parseInt(code, 8));

/**
 * A pool on PostgreSQL. Columns are read in camel case; the keys inside a jsonb value are left as
 * they are, which `postgres.camel` would not do. No statement waits without end: PostgreSQL gives it up
 * a little before we close the connection, so that a silence means that nobody is there any more, and
 * what nobody waits for does not go on.
 */
export function connect(
  url: string,
  {
    max = 10,
    applicationName,
    searchPath,
    limitMs = LIMIT_MS,
    probeMs = PROBE_MS,
    logger,
  }: ConnectOptions = {},
): Pool {
  // Options of the patch of postgres.js, in its unit.
  const limits = {
    silent_timeout: limitMs / 1_000,
    queue_timeout: limitMs / 1_000,
    probe_interval: probeMs / 1_000,
    probe_timeout: Math.min(PROBED_MS, limitMs) / 1_000,
    onsilent: () => {
      const connections = (silences.get(pool)?.connections ?? 0) + 1;
      silences.set(pool, { connections, lastAt: new Date() });
    },
  };
  const { url: address, tls } = secured(url, logger);
  const statementLimit = Math.ceil(STATEMENT_SHARE * limitMs);
  const pool = guardTransactions(
    postgres(address, {
      ...limits,
      ...tls,
      max,
      onnotice: () => {},
      connect_timeout: 5,
      backoff: reconnectAfter,
      types: { date: MOMENT, bytea: BYTES },
      connection: {
        // Whatever the server's or the role's own is: an instant is read back as it was written.
        TimeZone: "UTC",
        DateStyle: "ISO",
        application_name: applicationName ?? APPLICATION,
        idle_in_transaction_session_timeout: FROZEN_MS,
        statement_timeout: statementLimit,
        ...(searchPath && { search_path: searchPath.join(",") }),
      },
      transform: { column: { from: postgres.toCamel } },
    }),
  );
  statementLimits.set(pool, statementLimit);
  return pool;
}

/**
 * Until the transaction ends, none of its statements takes longer than its work may: what waits for a
 * lock is given up before the work is, and with it the locks that others wait for. A lock is waited for
 * nearly as long, whatever the role's own `lock_timeout` says: a little less, so that who waited for one
 * fails with a code of its own. It is sent at once.
 */
export async function limitStatements(tx: Sql, workMs: number): Promise<void> {
  await tx`
    select
      set_config('statement_timeout', ${String(statementMs(workMs))}, true),
      set_config('lock_timeout', ${String(lockMs(workMs))}, true)
  `.execute();
}

/** What a statement may take of the time of its work, so that there is some left for the rest of it. */
export const statementMs = (workMs: number) => Math.ceil(Math.min(0.8 * workMs, 0.9 * LIMIT_MS));

const lockMs = (workMs: number) => Math.ceil(0.9 * statementMs(workMs));

/** The limit of a pool all of whose statements have to leave their work that time. */
export const limitFor = (workMs: number) => Math.floor(statementMs(workMs) / STATEMENT_SHARE);

const statementLimits = new WeakMap<Pool, number>();

/** After so long PostgreSQL gives up a statement of this pool. */
export const statementLimitOf = (pool: Pool) =>
  statementLimits.get(pool) ?? Number.POSITIVE_INFINITY;
