import type { Pool, Sql } from "../../database/connect.ts";
import type { Datacore, Page } from "../../datacore/datacore.ts";
import { startOfBucket, timeBucketOf } from "../../datacore/time-bucket.ts";
import { lowestIdAt, storedAt } from "../../datacore/time-uuid.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import { inOrder } from "../../lib/in-order.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Projection } from "../tables/projection.ts";
import { pagesOfBucket } from "./bucket-pages.ts";
import {
  moveCheckpoint,
  noteStartPlace,
  type ReaderCheckpoint,
  readCheckpoint,
  readOldestByOlder,
  readStartPlace,
  type StartPlace,
} from "./checkpoint.ts";
import { pageApplier } from "./log-page.ts";
import { pagesInTime } from "./pages-in-time.ts";
import {
  bucketsOf,
  checkpointAfter,
  checkpointWithin,
  floorOf,
  type Pass,
  type PassSettings,
  resumedFrom,
} from "./passes.ts";
import { prefetched } from "./prefetch.ts";

/** What has just been stored waits no longer than this for a pass over many hours. */
const TAIL_WITHIN_MS = 1_000;

export interface ConsumerOptions {
  flowType: string;
  datacore: Datacore;
  sql: Pool;
  projections: Projection[];
  settings: PassSettings;
  clock: Clock;
  logger: Logger;
  /** Throws when another process is the reader by now; runs in every writing transaction. */
  check: (tx: Sql) => Promise<void>;
  /** Told of each transaction that was committed. */
  onApplied?: (outcome: Applied) => void;
  /** Told of each transaction of a page, and of each page that was read, also of one that held nothing new. */
  onProgress?: () => void;
  /** Told of a page that Flowcore did not give in time, and of how many facts are asked for instead. */
  onTooSlow?: (failure: unknown, facts: number) => void;
  /** Told when that page came. */
  onInTime?: () => void;
  /** For the rows of a page. */
  limitMs?: number;
  /** Whether the rows' followers are told: those that a rebuild makes are nobody's yet. */
  isFollowed?: boolean;
  /** Ends a pass between two pages; what was applied stays, and the next pass starts where it must. */
  signal?: AbortSignal;
}

export interface Applied {
  flowType: string;
  pass: Pass;
  applied: number;
  deadLettered: number;
  /** Of each fact: seconds from when it was stored to when it was read. */
  ages: number[];
}

/**
 * Reads one flow type of the log. Facts become readable late and behind newer ones, so no fact's id is
 * ever the place to go on from: a pass starts at a time, reads every bucket from it to its end, and
 * leaves out what was applied before.
 */
export function consumer(options: ConsumerOptions) {
  const { flowType, datacore, sql, settings, clock, logger, check, signal } = options;
  const applyPage = pageApplier(options);
  const readInTime = pagesInTime((request) => untilStopped(datacore.readPage(request)), {
    largest: settings.pageSize,
    ...(options.onTooSlow && { onTooSlow: options.onTooSlow }),
    ...(options.onInTime && { onInTime: options.onInTime }),
  });
  let started = false;
  let sweptAt = Number.NEGATIVE_INFINITY;
  let overlappedAt = Number.NEGATIVE_INFINITY;
  let tailedAt = Number.NEGATIVE_INFINITY;

  return async function step(): Promise<"more" | "idle"> {
    const now = clock.now();
    const pass = choosePass(now.getTime());
    tailedAt = now.getTime();
    const applied = await readPass(pass, now);
    if (pass === "start") started = true;
    if (pass === "sweep") sweptAt = now.getTime();
    if (pass !== "tail") overlappedAt = now.getTime();
    if (applied > 0) logger.info({ flowType, pass, facts: applied }, "projection.advanced");
    return pass === "start" ? "more" : "idle";
  };

  function choosePass(now: number): Pass {
    if (!started) return "start";
    if (agoMs(sweptAt, now) >= settings.sweepEveryMs) return "sweep";
    if (agoMs(overlappedAt, now) >= settings.overlapEveryMs) return "overlap";
    return "tail";
  }

  /** Reads from the pass's floor to now; says how many facts were new. */
  async function readPass(pass: Pass, now: Date, { isBehind = false } = {}): Promise<number> {
    const reached = await readCheckpoint(sql, flowType);
    const { floor, buckets, from } = await rangeOf(pass, now, reached);
    let applied = 0;
    let newestSeen = reached?.newestSeen ?? THE_BEGINNING;
    for await (const { timeBucket, page } of prefetched(pagesOfAll(buckets, floor))) {
      // It may have been fetched before the stop.
      if (signal?.aborted) throw toStop();
      applied += await applyPage(page, { pass, flowType, timeBucket });
      options.onProgress?.();
      newestSeen = newestOf(page, newestSeen);
      const isThrough = page.cursor === undefined;
      const moved = movedBy(page, { pass, timeBucket, now });
      if (isThrough || moved) {
        // Before its last bucket a pass has not read everything, however far it got; nor has a look at the
        // tail while what is before it is still to be read.
        const isComplete = isThrough && timeBucket === buckets.at(-1) && !isBehind;
        const checkpoint = moved ?? reached?.checkpoint ?? floor;
        const readAt = isComplete ? now : (reached?.readAt ?? checkpoint);
        const noted = moved && { from, reached: moved, notedAt: clock.now() };
        const place = isComplete ? null : noted;
        await saveCheckpoint(
          { flowType, checkpoint, newestSeen, readAt },
          pass === "start" ? place : undefined,
        );
      }
      if (pass !== "tail") applied += await lookAtTail({ isBehind: pass === "start" });
    }
    if (pass === "tail") tailedAt = clock.now().getTime();
    return applied;
  }

  /**
   * How far a pass has read with this page. One that looks at the tail says nothing of the time before its floor;
   * of the others only a start says something within an hour, because it may take longer than its process lives.
   */
  function movedBy(
    page: Page,
    { pass, timeBucket, now }: { pass: Pass; timeBucket: string; now: Date },
  ) {
    if (pass === "tail") return undefined;
    if (page.cursor === undefined) return checkpointAfter(timeBucket, now, settings);
    return pass === "start" ? checkpointWithin(timeBucket, idsOf(page), now, settings) : undefined;
  }

  /**
   * From when on a pass reads, and which hours: the newest by themselves, older ones as the datacore lists them.
   * `from` is where the reading of a start began, in whichever process.
   */
  async function rangeOf(pass: Pass, now: Date, reached: ReaderCheckpoint | undefined) {
    const floor = floorOf(pass, now, reached, settings);
    if (pass === "start") return startRangeOf(floor, now);
    const listed =
      pass === "tail"
        ? []
        : await untilStopped(datacore.readTimeBuckets(flowType, timeBucketOf(floor)));
    return { floor, from: floor, buckets: bucketsOf(floor, now, listed, settings) };
  }

  async function startRangeOf(least: Date, now: Date) {
    const all =
      settings.onStartBuckets > 0 && (await untilStopped(datacore.readTimeBuckets(flowType)));
    const wanted = all ? reachNewestBuckets(least, all) : least;
    const place = await readStartPlace(sql, flowType);
    const resumed = resumedFrom(wanted, place, now);
    const byOlder = await readOldestByOlder(sql, flowType);
    const floor = byOlder !== null && byOlder < resumed ? byOlder : resumed;
    const listed =
      all || (await untilStopped(datacore.readTimeBuckets(flowType, timeBucketOf(floor))));
    const from = place && resumed > wanted && place.from < floor ? place.from : floor;
    return { floor, from, buckets: bucketsOf(floor, now, listed, settings) };
  }

  /** A pass over many hours takes its time, and the newest facts come last in it. */
  async function lookAtTail(within: { isBehind: boolean }): Promise<number> {
    const now = clock.now();
    if (agoMs(tailedAt, now.getTime()) < TAIL_WITHIN_MS) return 0;
    tailedAt = now.getTime();
    // Without a checkpoint everything is new, and the pass that is under way reads it in order.
    if (!(await readCheckpoint(sql, flowType))) return 0;
    return readPass("tail", now, within);
  }

  /** With where a start came to; null where it is through. */
  async function saveCheckpoint(reached: ReaderCheckpoint, place: StartPlace | null | undefined) {
    await sql.begin((tx) =>
      inOrder([
        check(tx),
        moveCheckpoint(tx, reached).execute(),
        place !== undefined && noteStartPlace(tx, flowType, place).execute(),
      ]),
    );
  }

  function reachNewestBuckets(floor: Date, listed: string[]): Date {
    const hours = listed.flatMap((bucket) => startOfBucket(bucket) ?? []);
    const [oldest] = hours.slice(-settings.onStartBuckets);
    return oldest && timeBucketOf(oldest) < timeBucketOf(floor) ? oldest : floor;
  }

  async function* pagesOfAll(buckets: string[], floor: Date) {
    for (const timeBucket of buckets)
      for await (const page of pagesOf(timeBucket, floor)) yield { timeBucket, page };
  }

  function pagesOf(timeBucket: string, floor: Date) {
    const from = timeBucket === timeBucketOf(floor) && { fromFactId: lowestIdAt(floor) };
    return pagesOfBucket(readInTime, { flowType, timeBucket, ...from }, () => settings.pageSize);
  }

  /** Reading changes nothing, so a stop need not wait for an answer that may take half a minute. */
  async function untilStopped<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = () => reject(toStop());
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      return await Promise.race([stopped, answer]);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }
}

const toStop = () => new Failure("unavailable", "the reader is to stop");

const THE_BEGINNING = new Date(0);

const idsOf = ({ facts, unreadable }: Page) =>
  [...facts, ...unreadable].map(({ factId }) => factId);

const newestOf = (page: Page, newest: Date) =>
  new Date(
    idsOf(page).reduce(
      (time, factId) => Math.max(time, storedAt(factId).getTime()),
      newest.getTime(),
    ),
  );
