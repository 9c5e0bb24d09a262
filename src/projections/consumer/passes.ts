import { endOfBucket, timeBucketOf, timeBucketsBetween } from "../../datacore/time-bucket.ts";
import { storedAt } from "../../datacore/time-uuid.ts";
import { agoMs } from "../../lib/clock.ts";
import type { ReaderCheckpoint, StartPlace } from "./checkpoint.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How far back each pass looks, and how often. Flowcore publishes no bound on lateness. */
export interface PassSettings {
  pageSize: number;
  /** Before the newest fact seen, on every wake-up. */
  tailMs: number;
  overlapMs: number;
  overlapEveryMs: number;
  /** How long after the hour the hour before is still read. */
  previousBucketMs: number;
  sweepMs: number;
  sweepEveryMs: number;
  /** Before the checkpoint, on start. */
  onStartMs: number;
  /** The newest buckets that are read on start whatever the checkpoint says; 0 for none. */
  onStartBuckets: number;
  /** How far the clock of whoever stamps facts may be ahead of ours. */
  skewMs: number;
}

export const defaultPasses: PassSettings = {
  pageSize: 500,
  tailMs: 10 * SECOND_MS,
  overlapMs: 5 * MINUTE_MS,
  overlapEveryMs: 30 * SECOND_MS,
  previousBucketMs: 15 * MINUTE_MS,
  sweepMs: 72 * HOUR_MS,
  sweepEveryMs: HOUR_MS,
  onStartMs: 2 * HOUR_MS,
  onStartBuckets: 0,
  skewMs: 5 * MINUTE_MS,
};

/** `start` catches up from the checkpoint, `tail` is the quick look, the others find what came late. */
export type Pass = "start" | "tail" | "overlap" | "sweep";

const THE_BEGINNING = new Date(0);

/** Longer than a process that ends again and again is kept from its next start. */
const RESUMED_WITHIN_MS = 15 * MINUTE_MS;

/** The time from which a pass reads. */
export function floorOf(
  pass: Pass,
  now: Date,
  reached: ReaderCheckpoint | undefined,
  settings: PassSettings,
): Date {
  if (!reached) return THE_BEGINNING;
  const before = (time: Date, ms: number) => new Date(time.getTime() - ms);
  const overlap = before(now, settings.overlapMs);
  if (pass === "tail") {
    // Whose clock is ahead must not hide what the others stamp now.
    const newest = earliest(reached.newestSeen, now);
    return latest(before(newest, settings.tailMs), overlap);
  }
  if (pass === "sweep") return earliest(reached.checkpoint, before(now, settings.sweepMs));
  if (pass === "start") return earliest(before(reached.checkpoint, settings.onStartMs), overlap);
  const hourStart = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  // Where our clock is ahead, new facts bear times that are long over for us.
  const floor = earliest(reached.newestSeen, earliest(reached.checkpoint, overlap));
  const isYoung = now.getTime() - hourStart.getTime() < settings.previousBucketMs;
  return isYoung ? earliest(floor, before(hourStart, settings.overlapMs)) : floor;
}

/** The listed buckets from the floor on, and the newest hours besides: the list may lag. */
export function bucketsOf(
  floor: Date,
  now: Date,
  listed: string[],
  { skewMs }: PassSettings,
): string[] {
  const first = timeBucketOf(floor);
  const recent = latest(floor, new Date(now.getTime() - HOUR_MS));
  const until = new Date(now.getTime() + skewMs);
  const buckets = [...listed.filter((b) => b >= first), ...timeBucketsBetween(recent, until)];
  return [...new Set(buckets)].sort();
}

/**
 * Everything stored before this was read once the bucket is through, as far as anybody can know; undefined of
 * one that is no hour.
 */
export function checkpointAfter(bucket: string, now: Date, { overlapMs }: PassSettings) {
  const end = endOfBucket(bucket);
  return end && earliest(end, new Date(now.getTime() - overlapMs));
}

/**
 * The same of an hour that is read up to the end of a page. Undefined where an id's time is of another hour:
 * then no place in this one says what comes behind it.
 */
export function checkpointWithin(
  bucket: string,
  factIds: readonly string[],
  now: Date,
  { overlapMs }: PassSettings,
) {
  const times = factIds.map(storedAt);
  if (times.length === 0 || times.some((time) => timeBucketOf(time) !== bucket)) return undefined;
  return earliest(times.reduce(latest), new Date(now.getTime() - overlapMs));
}

/**
 * From where a start reads that was ended before its end: from where it came to. Only shortly after, and only
 * where it began no later than this one has to.
 */
export function resumedFrom(floor: Date, place: StartPlace | undefined, now: Date): Date {
  if (!place || place.from > floor) return floor;
  if (agoMs(place.notedAt.getTime(), now.getTime()) > RESUMED_WITHIN_MS) return floor;
  return latest(floor, place.reached);
}

const earliest = (a: Date, b: Date) => new Date(Math.min(a.getTime(), b.getTime()));
const latest = (a: Date, b: Date) => new Date(Math.max(a.getTime(), b.getTime()));
