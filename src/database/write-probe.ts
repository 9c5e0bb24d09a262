import { TookTooLong, within } from "../lib/time-limit.ts";
import type { Pool } from "./connect.ts";
import { CANCELLED, causeOf, codeOf, NO_SUCH_TABLE, READ_ONLY } from "./fault.ts";
import { outageWords } from "./outage-words.ts";
import { renewSessions } from "./renew-sessions.ts";

/** Below what a cluster waits for `/ready`. */
const LIMIT_MS = 2_000;
/** Whoever asks again within this is told the same. */
const FRESH_MS = 5_000;
/** Of two machines that are kept in step by NTP, clocks are milliseconds apart. */
const CLOCKS_APART_MS = 30_000;
/** More than one page of PostgreSQL, so that a table without a free one has to grow. */
const FILLER = 10_000;

export interface DatabaseHealth {
  /** Why PostgreSQL takes no writes, in plain words; null while it takes them. */
  unwritable: string | null;
  /** How far this machine's clock is ahead of PostgreSQL's; null where that did not answer. */
  aheadMs: number | null;
}

export interface WriteProbeOptions {
  sql: Pool;
  /** This machine's own clock, which is compared. */
  now?: () => Date;
  limitMs?: number;
  freshMs?: number;
  /** Our sessions are renewed where one that is older finds PostgreSQL read-only; without it none is. */
  renewAfterMs?: number;
}

export type WriteProbe = ReturnType<typeof writeProbe>;

/**
 * Looks where the work writes: PostgreSQL may answer every query and take no row, on a full disk or after
 * a failover to a standby. A row is written and taken back; askers of the same moment share one look.
 */
export function writeProbe(options: WriteProbeOptions) {
  const { sql, now = () => new Date(), limitMs = LIMIT_MS, freshMs = FRESH_MS } = options;
  const { renewAfterMs } = options;
  let last: { at: number; health: Promise<DatabaseHealth> } | undefined;

  return function read(): Promise<DatabaseHealth> {
    const at = performance.now();
    if (!last || at - last.at >= freshMs) last = { at, health: look() };
    return last.health;
  };

  async function look(): Promise<DatabaseHealth> {
    let aheadMs: number | null = null;
    const undone = new Error("what was written is taken back");
    try {
      await within(limitMs, () =>
        sql.begin(async (tx) => {
          await tx`select set_config('statement_timeout', ${String(Math.ceil(0.9 * limitMs))}, true)`;
          const before = now().getTime();
          const [theirs] = await tx<{ at: Date }[]>`select clock_timestamp() as at`;
          const ours = (before + now().getTime()) / 2;
          if (theirs) aheadMs = Math.round(ours - theirs.at.getTime());
          await tx`insert into write_probe (filler) values (repeat('x', ${FILLER}))`;
          throw undone;
        }),
      );
    } catch (error) {
      // Nobody waits for it: the next look finds what came of it.
      if (codeOf(error) === READ_ONLY && renewAfterMs !== undefined)
        void renewSessions(sql, renewAfterMs);
      if (error !== undone) return { unwritable: reasonOf(error), aheadMs };
    }
    return { unwritable: null, aheadMs };
  }
}

function reasonOf(error: unknown): string | null {
  const state = codeOf(error) ?? "";
  // The schema is older than this program: whoever asks for migrations says so.
  if (state === NO_SUCH_TABLE) return null;
  if (state === CANCELLED || error instanceof TookTooLong)
    return "a write hangs, so that a lock or its disk keeps it from ending";
  return outageWords(state) ?? causeOf(error);
}

/** In the words of /status; none where all is well. */
export function databaseProblems({ unwritable, aheadMs }: DatabaseHealth): string[] {
  return [
    ...(unwritable === null
      ? []
      : [
          `PostgreSQL takes no writes: ${unwritable}. Webhooks get 503 and come again, and nothing is translated, read or counted meanwhile.`,
        ]),
    ...(aheadMs === null ? [] : clockProblems(aheadMs, "PostgreSQL's")),
  ];
}

/** A clock that is off counts windows wrongly and takes the newest for old. */
export function clockProblems(aheadMs: number, whose: string): string[] {
  if (Math.abs(aheadMs) <= CLOCKS_APART_MS) return [];
  const apart = `${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? "ahead of" : "behind"}`;
  return [`This machine's clock is ${apart} ${whose}: one of them has to be set (NTP).`];
}
