import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import { loop, wakeSignal } from "../../lib/loop.ts";
import type { MirrorState } from "../../sheets/sync/mirror-state.ts";
import type { FailingLoop } from "./failing.ts";

const EVERY_MS = 5_000;
/** Nobody asks for a row that is so old. */
const KEPT = "1 day";

export interface WorkerWords {
  failing: FailingLoop[];
  mirror: Readonly<MirrorState> | null;
}

interface ReportOptions {
  sql: Pool;
  clock: Clock;
  version: string;
  workerId: string;
  read: () => WorkerWords;
}

/**
 * What a process that runs loops says of itself, in a row of its own: those that answer `/status` run
 * none. It is renewed every few seconds and whenever `soon` is called, and goes when the process ends.
 */
export function workerReport({ sql, clock, version, workerId, read }: ReportOptions) {
  const woken = wakeSignal();
  const startedAt = clock.now();

  async function write() {
    const { failing, mirror } = read();
    await sql`
      insert into worker (worker_id, version, started_at, failing, mirror)
      values (
        ${workerId}, ${version}, ${startedAt},
        ${JSON.stringify(failing)}::text::jsonb, ${mirror && JSON.stringify(mirror)}::text::jsonb
      )
      on conflict (worker_id) do update set
        seen_at = now(),
        failing = excluded.failing,
        mirror  = excluded.mirror
    `;
    return "idle" as const;
  }

  async function run(signal: AbortSignal) {
    const onFailure = () => {};
    // As soon as PostgreSQL takes it again: until then /status would say that nobody works.
    const tryWrite = () => write().catch(() => "idle" as const);
    await sql`delete from worker where seen_at < now() - ${KEPT}::interval`.catch(onFailure);
    await loop(tryWrite, { clock, idleMs: EVERY_MS, signal, woken, onFailure });
    await sql`delete from worker where worker_id = ${workerId}`.catch(onFailure);
  }

  return { run, soon: woken.notify };
}

/** What fails with any process that runs the loops, as it reports it. */
export const reportedFailures = (sql: Pool) => sql`
  select failure ->> 'loop' as loop, failure ->> 'message' as message, failure ->> 'account' as account
  from worker, jsonb_array_elements(failing) as failure
  where seen_at > now() - ${REPORTING}::interval
`;

/** Whether any process runs the loops. */
export async function isAnyWorking(sql: Pool): Promise<boolean> {
  const rows = await sql`
    select from worker where seen_at > now() - ${REPORTING}::interval limit 1
  `;
  return rows.length > 0;
}

/** How the sheet's mirror fares, as whoever wrote the sheet last said; undefined where nobody did. */
export async function readMirrorState(sql: Pool): Promise<MirrorState | undefined> {
  const [row] = await sql<{ mirror: MirrorState }[]>`
    select mirror from worker where mirror is not null
    order by greatest(mirror ->> 'lastSyncAt', mirror -> 'lastFailure' ->> 'at') desc nulls last
    limit 1
  `;
  return row?.mirror;
}

/** Three reports and some time for a slow machine. */
const REPORTING = "20 seconds";
