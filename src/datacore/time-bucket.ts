const HOUR_MS = 3_600_000;

/** Flowcore files facts by the hour, in UTC: 2026-03-01T11:42Z is in "20260301110000". */
export const timeBucketOf = (time: Date) =>
  `${time.toISOString().slice(0, 13).replace(/[-T]/g, "")}0000`;

/** Every bucket from the hour of `since` to the hour of `until`, both included. */
export function timeBucketsBetween(since: Date, until: Date): string[] {
  const first = Math.floor(since.getTime() / HOUR_MS);
  const last = Math.floor(until.getTime() / HOUR_MS);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, hour) =>
    timeBucketOf(new Date((first + hour) * HOUR_MS)),
  );
}

/** When a bucket's hour begins; undefined where its digits name none, as those of a month 13. */
export function startOfBucket(bucket: string): Date | undefined {
  const [, year, month, day, hour] = /^(\d{4})(\d\d)(\d\d)(\d\d)/.exec(bucket) ?? [];
  const start = new Date(`${year}-${month}-${day}T${hour}:00:00Z`);
  // Some days that no month has are read as those of the next.
  if (Number.isNaN(start.getTime())) return undefined;
  return timeBucketOf(start).slice(0, 10) === bucket.slice(0, 10) ? start : undefined;
}

/** When a bucket's hour ends; undefined where it is none. */
export function endOfBucket(bucket: string): Date | undefined {
  const start = startOfBucket(bucket);
  return start && new Date(start.getTime() + HOUR_MS);
}
