import type { TransactionSql } from "postgres";
import { flowTypes } from "../../contracts/index.ts";
import { connect, LONG_LIMIT_MS, type Pool, type Sql } from "../../database/connect.ts";
import { lockLease } from "../../database/lease-names.ts";
import type { Datacore } from "../../datacore/datacore.ts";
import { timeBucketOf, timeBucketsBetween } from "../../datacore/time-bucket.ts";
import { lowestIdAt } from "../../datacore/time-uuid.ts";
import type { Clock } from "../../lib/clock.ts";
import { counted } from "../../lib/counted.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { pageApplier } from "../consumer/log-page.ts";
import type { PassSettings } from "../consumer/passes.ts";
import { prefetched } from "../consumer/prefetch.ts";
import { tellRows } from "../consumer/row-messages.ts";
import type { Projection } from "../tables/projection.ts";
import { compareRows, type TableComparison } from "./compare.ts";
import { readMissing, saveCheckpoints } from "./live-reader.ts";
import { type Bucket, logBuckets } from "./log-buckets.ts";
import { readsFirst, type Turns } from "./reads-first.ts";
import { pageKeeper } from "./replay-page.ts";
import {
  checkSchema,
  checkShadow,
  dropOwnShadow,
  dropReplaced,
  LIVE,
  markBucketDone,
  openShadow,
  readDoneBuckets,
  SHADOW,
  swapShadow,
} from "./shadow.ts";

const MINUTE_MS = 60_000;
const CATCH_UPS = 5;
/** How long a process that is frozen, or has much to work out, keeps its transaction on the rebuilt tables. */
const REBUILDING_MS = 10 * MINUTE_MS;

export interface ReplayOptions {
  /** Of the service's database. */
  url: string;
  sql: Pool;
  datacore: Datacore;
  projections: Projection[];
  settings: PassSettings;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /** The first bucket; without it the whole log. */
  from?: string;
  /** Only report what would differ. */
  dryRun: boolean;
  /** For the rows of a page. */
  limitMs?: number;
  onProgress?: (progress: ReplayProgress) => void;
  /** In the transaction that swaps: what it throws, nothing is swapped. */
  onSwap?: (tx: Sql) => Promise<void>;
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
  const { url, sql, datacore, projections, settings, clock, from, dryRun } = options;
  const opened = await openShadow(sql, { fromBucket: from ?? null, now: clock.now(), projections });
  const shadow = connect(url, {
    max: flowTypes.length + 2,
    searchPath: [SHADOW, LIVE],
    limitMs: LONG_LIMIT_MS,
  });
  const totals = { facts: 0, setAside: 0 };
  const { bucketsOf, pagesOfAll, pagesOf, untilNow } = logBuckets(options);
  const check = (tx: Sql) => checkShadow(tx, opened.state);
  const keepPage = pageKeeper({
    shadow,
    projections,
    clock,
    check,
    isCopy: from !== undefined,
    ...(options.limitMs !== undefined && { limitMs: options.limitMs }),
    onKept: (kept) => {
      totals.facts += kept.facts;
      totals.setAside += kept.setAside;
    },
  });
  const applyPage = pageApplier({
    flowType: "",
    datacore,
    sql: shadow,
    projections,
    settings,
    clock,
    logger: options.logger,
    check,
    ...(options.limitMs !== undefined && { limitMs: options.limitMs }),
  });
  try {
    await using turns = await readsFirst(sql, options);
    await readBuckets(turns);
    await shadow.begin(async (tx) => {
      await check(tx);
      // A past of years is folded between two statements, and nobody waits for these tables.
      await tx`set local idle_in_transaction_session_timeout = ${tx.unsafe(String(REBUILDING_MS))}`;
      for (const projection of projections) await projection.rebuild(tx);
    });
    const { tables } = await catchUpAndSwap(opened.state.startedAt);
    if (dryRun) await dropOwnShadow(sql, opened.state);
    else if (!(await dropReplaced(sql))) options.logger.warn({}, "replay.replaced_left");
    return { resumed: opened.resumed, ...totals, swapped: !dryRun, tables };
  } finally {
    await shadow.end({ timeout: 5 });
  }

  /**
   * The history first; the current rows are made from it once, at the end. Flow types are read side by
   * side, each in the order of its facts: a fact that follows those before it is the cheap case, and two
   * transactions must not merge facts into one event's history at the same time.
   */
  async function readBuckets({ turn }: Turns) {
    const done = await readDoneBuckets(sql);
    const now = clock.now();
    const queues = await Promise.all(flowTypes.map((flowType) => bucketsOf(flowType, now)));
    const buckets = queues.flat().length;
    let bucketsDone = 0;
    const tell = () => options.onProgress?.({ facts: totals.facts, bucketsDone, buckets });
    const readQueue = async (queue: Bucket[]) => {
      const left = queue.filter(
        ({ flowType, timeBucket }) => !done.has(`${flowType}/${timeBucket}`),
      );
      bucketsDone += queue.length - left.length;
      for await (const { bucket, page } of prefetched(pagesOfAll(left))) {
        await turn(() => keepPage(page, bucket));
        tell();
        if (page.cursor !== undefined) continue;
        // An hour that is still being written to is read again after a kill.
        if (bucket.timeBucket < timeBucketOf(new Date(now.getTime() - settings.overlapMs)))
          await shadow.begin(async (tx) => {
            await check(tx);
            await markBucketDone(tx, bucket.flowType, bucket.timeBucket);
          });
        bucketsDone += 1;
        tell();
      }
    };
    await Promise.all(queues.map(readQueue));
  }

  /** Reads what came meanwhile until nothing is missing that the live rows are made of. */
  async function catchUpAndSwap(startedAt: Date): Promise<{ tables: TableComparison[] }> {
    let floor = new Date(startedAt.getTime() - settings.overlapMs);
    for (let round = 1; ; round += 1) {
      const readFrom = floor;
      floor = new Date(clock.now().getTime() - settings.overlapMs);
      await catchUp(timeBucketsBetween(readFrom, untilNow()));
      const outcome = await sql.begin((tx) => compareAndSwap(tx, floor));
      if (outcome.missing === 0) return outcome;
      if (round === CATCH_UPS)
        throw new Failure(
          "missing",
          `the live rows are made of ${counted(outcome.missing, "fact")} that the log no longer shows: nothing was swapped`,
        );
      floor = new Date(Math.min(floor.getTime(), outcome.oldestMissing.getTime()));
    }
  }

  async function catchUp(timeBuckets: string[], from?: Date) {
    for (const flowType of flowTypes)
      for (const timeBucket of timeBuckets) {
        const isFirst = from !== undefined && timeBucket === timeBucketOf(from);
        const fromFactId = isFirst ? lowestIdAt(from) : undefined;
        for await (const page of pagesOf(flowType, timeBucket, fromFactId))
          totals.facts += await applyPage(page, { pass: "overlap", flowType, timeBucket });
      }
  }

  async function compareAndSwap(tx: TransactionSql, checkpoint: Date) {
    await tx`set local lock_timeout = '10s'`;
    await checkSchema(tx, projections);
    await check(tx);
    // The live reader checks this row in every transaction it writes in: now it waits.
    await lockLease(tx, "consumer");
    let behind = await readMissing(tx, clock.now());
    if (behind.facts > 0 && behind.oldest >= checkpoint) {
      // Under load the live reader is ahead of every look until it waits.
      await catchUp(timeBucketsBetween(behind.oldest, untilNow()), behind.oldest);
      behind = await readMissing(tx, clock.now());
    }
    if (behind.facts > 0)
      return { missing: behind.facts, oldestMissing: behind.oldest, tables: [] };
    const tables = await compareRows(tx, projections);
    if (!dryRun) {
      await saveCheckpoints(tx, checkpoint, clock.now());
      await swapShadow(tx, projections);
      await options.onSwap?.(tx);
      await tellRows(tx, { kinds: ["rebuilt"] });
    }
    return { missing: 0, oldestMissing: checkpoint, tables };
  }
}
