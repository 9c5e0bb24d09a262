import { flowTypes } from "../contracts/index.ts";
import { connect, type Pool, type Sql } from "../database/connect.ts";
import type { Datacore, Page } from "../datacore/datacore.ts";
import { timeBucketOf, timeBucketsBetween } from "../datacore/time-bucket.ts";
import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import { compareRows, type TableComparison } from "./compare.ts";
import { pageApplier, ROWS_CHANNEL } from "./page.ts";
import { movePosition, remember, setAside } from "./position.ts";
import type { Projection } from "./projection.ts";
import type { ReadingSettings } from "./reading.ts";
import {
  dropShadow,
  markBucketDone,
  openShadow,
  readDoneBuckets,
  SHADOW,
  swapShadow,
} from "./shadow.ts";

const MINUTE_MS = 60_000;
const CATCH_UPS = 5;

export interface ReplayOptions {
  /** Of the service's database. */
  url: string;
  sql: Pool;
  datacore: Datacore;
  projections: Projection[];
  settings: ReadingSettings;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  /** The first bucket; without it the whole log. */
  from?: string;
  /** Only report what would differ. */
  dryRun: boolean;
  /** Hours that are read at one time. */
  concurrency: number;
  onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  facts: number;
  bucketsDone: number;
  buckets: number;
}

export interface ReplayReport {
  resumed: boolean;
  facts: number;
  setAside: number;
  swapped: boolean;
  tables: TableComparison[];
}

/**
 * Rebuilds the rows from the log in a schema beside the live one while the service goes on, catches up
 * with it, compares, and swaps in one transaction. Nobody sees rows that are half made.
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { url, sql, datacore, projections, settings, clock, signal, from, dryRun } = options;
  const opened = await openShadow(sql, { fromBucket: from ?? null, now: clock.now(), projections });
  const shadow = connect(url, { max: options.concurrency + 2, searchPath: [SHADOW, "public"] });
  const totals = { facts: 0, setAside: 0 };
  try {
    await readBuckets();
    await shadow.begin(async (tx) => {
      for (const projection of projections) await projection.rebuild(tx);
    });
    const { tables } = await catchUpAndSwap(opened.state.startedAt);
    await dropShadow(sql);
    return { resumed: opened.resumed, ...totals, swapped: !dryRun, tables };
  } finally {
    await shadow.end({ timeout: 5 });
  }

  /** The history first, hours side by side; the current rows are made from it once, at the end. */
  async function readBuckets() {
    const done = await readDoneBuckets(sql);
    const now = clock.now();
    const all: { flowType: string; timeBucket: string }[] = [];
    for (const flowType of flowTypes) {
      const listed = await datacore.readTimeBuckets(flowType, from);
      const recent = timeBucketsBetween(new Date(now.getTime() - 60 * MINUTE_MS), now);
      for (const timeBucket of [...new Set([...listed, ...recent])].sort())
        if (from === undefined || timeBucket >= from) all.push({ flowType, timeBucket });
    }
    const queue = all.filter(({ flowType, timeBucket }) => !done.has(`${flowType}/${timeBucket}`));
    let bucketsDone = all.length - queue.length;
    const tell = () =>
      options.onProgress?.({ facts: totals.facts, bucketsDone, buckets: all.length });
    const work = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { flowType, timeBucket } = next;
        for await (const page of pagesOf(flowType, timeBucket)) {
          await keepPage(page, flowType, timeBucket);
          tell();
        }
        // An hour that is still being written to is read again after a kill.
        if (timeBucket < timeBucketOf(new Date(now.getTime() - settings.overlapMs)))
          await markBucketDone(sql, flowType, timeBucket);
        bucketsDone += 1;
        tell();
      }
    };
    await Promise.all(Array.from({ length: options.concurrency }, work));
  }

  async function* pagesOf(flowType: string, timeBucket: string): AsyncGenerator<Page> {
    let cursor: string | undefined;
    let next = datacore.readPage({ flowType, timeBucket, pageSize: settings.pageSize });
    for (;;) {
      signal.throwIfAborted();
      const page = await next;
      cursor = page.cursor;
      // The next page is on its way while this one is applied.
      if (cursor !== undefined) {
        next = datacore.readPage({ flowType, timeBucket, pageSize: settings.pageSize, cursor });
        next.catch(() => {});
      }
      yield page;
      if (cursor === undefined) return;
    }
  }

  async function keepPage(page: Page, flowType: string, timeBucket: string) {
    const ids = [...page.facts, ...page.unreadable].map(({ factId }) => factId);
    if (ids.length === 0) return;
    await shadow.begin(async (tx) => {
      const mine = await remember(tx, flowType, [...new Set(ids)]);
      // A replay from a bucket goes over a copy: there every fact is old, and is made again.
      const isWanted = ({ factId }: { factId: string }) => from !== undefined || mine.has(factId);
      const facts = page.facts.filter(isWanted);
      if (from !== undefined) {
        for (const projection of projections) await projection.forget(tx, facts);
        const applied = facts.map(({ factId }) => factId);
        await tx`delete from set_aside where fact_id = any(${applied}::uuid[])`;
      }
      for (const projection of projections) await projection.keep(tx, facts);
      const aside = page.unreadable.filter(isWanted);
      const rows = aside.map((fact) => ({ ...fact, flowType, timeBucket }));
      if (rows.length > 0) await setAside(tx, rows, clock.now());
      totals.facts += facts.length;
      totals.setAside += aside.length;
    });
  }

  /** Reads what came meanwhile until nothing is missing that the live rows are made of. */
  async function catchUpAndSwap(startedAt: Date): Promise<{ tables: TableComparison[] }> {
    const apply = pageApplier({
      ...{ flowType: "", datacore, sql: shadow, projections, settings, clock, log: options.log },
      check: async () => {},
    });
    let floor = new Date(startedAt.getTime() - settings.overlapMs);
    for (let round = 1; ; round += 1) {
      signal.throwIfAborted();
      const readFrom = floor;
      floor = new Date(clock.now().getTime() - settings.overlapMs);
      for (const flowType of flowTypes)
        for (const timeBucket of timeBucketsBetween(readFrom, clock.now()))
          for await (const page of pagesOf(flowType, timeBucket))
            totals.facts += await apply(page, { pass: "overlap", flowType, timeBucket });
      const outcome = await sql.begin((tx) => compareAndSwap(tx, floor));
      if (outcome.missing === 0) return outcome;
      if (round === CATCH_UPS)
        throw new Failure(
          "missing",
          `the live rows are made of ${outcome.missing} facts that the log no longer shows: nothing was swapped`,
        );
      floor = new Date(Math.min(floor.getTime(), outcome.oldestMissing.getTime()));
    }
  }

  async function compareAndSwap(tx: Sql, checkpoint: Date) {
    await tx`set local lock_timeout = '10s'`;
    // The live reader checks this row in every transaction it writes in: now it waits.
    await tx`select token from lease where name = 'consumer' for update`;
    const [behind] = await tx<{ missing: number; oldest: Date | null }[]>`
      select count(*)::int as missing, min(live.stored_at) as oldest
      from public.applied_fact live
      where not exists (
        select from ${tx(SHADOW)}.applied_fact replayed where replayed.fact_id = live.fact_id
      )
    `;
    if (behind && behind.missing > 0)
      return { missing: behind.missing, oldestMissing: behind.oldest ?? checkpoint, tables: [] };
    const tables = await compareRows(tx, projections);
    if (!dryRun) {
      await savePositions(tx, checkpoint);
      await swapShadow(tx, projections);
      await tx`select pg_notify(${ROWS_CHANNEL}, '')`;
    }
    return { missing: 0, oldestMissing: checkpoint, tables };
  }

  /** Where the live reader goes on: from where the replay has read everything. */
  async function savePositions(tx: Sql, checkpoint: Date) {
    await tx`set local search_path = ${tx(SHADOW)}, public`;
    for (const flowType of flowTypes) {
      const [newest] = await tx<{ storedAt: Date | null }[]>`
        select max(stored_at) as stored_at from applied_fact where flow_type = ${flowType}
      `;
      const newestSeen = newest?.storedAt ?? checkpoint;
      await movePosition(tx, { flowType, checkpoint, newestSeen, readAt: clock.now() });
    }
    await tx`set local search_path = public`;
  }
}
