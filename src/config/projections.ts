import { z } from "zod";
import { defaultPasses } from "../projections/consumer/passes.ts";
import { flag, secondsOf, type Values, whole } from "./values.ts";

const INTERVAL = "must be a number of seconds above 0, 3600 at most";

/** How the log is read. */
export const projectionsVariables = {
  POLL_INTERVAL: z.coerce
    .number({ error: INTERVAL })
    .positive(INTERVAL)
    .max(3_600, INTERVAL)
    .default(2)
    .describe("Seconds between two looks at the log when nothing wakes the consumer."),
  PROCESS_BACKLOG_ON_STARTUP: flag
    .default(true)
    .describe(
      "Read the newest `BACKLOG_TIME_BUCKETS` hours of the log on start, whatever the checkpoint says.",
    ),
  BACKLOG_TIME_BUCKETS: whole(0, 100_000)
    .default(3)
    .describe("How many of the newest hours that is."),
  READ_PAGE_SIZE: whole(50, 10_000)
    .default(defaultPasses.pageSize)
    .describe("Facts a request to the log."),
  READ_TAIL: whole(0, 3_600)
    .default(secondsOf(defaultPasses.tailMs))
    .describe("Seconds before the newest fact that every look at the log reads again."),
  READ_OVERLAP: whole(1, 86_400)
    .default(secondsOf(defaultPasses.overlapMs))
    .describe("Seconds before now that are read again every `READ_OVERLAP_INTERVAL`."),
  READ_OVERLAP_INTERVAL: whole(1, 86_400)
    .default(secondsOf(defaultPasses.overlapEveryMs))
    .describe("Seconds between two such passes."),
  READ_PREVIOUS_BUCKET: whole(0, 3_600)
    .default(secondsOf(defaultPasses.previousBucketMs))
    .describe("For how many seconds of an hour those passes take the hour before with them."),
  READ_SWEEP: whole(0, 31_536_000)
    .default(secondsOf(defaultPasses.sweepMs))
    .describe("Seconds before now that are read again every `READ_SWEEP_INTERVAL`."),
  READ_SWEEP_INTERVAL: whole(1, 604_800)
    .default(secondsOf(defaultPasses.sweepEveryMs))
    .describe("Seconds between two such passes."),
  READ_ON_START: whole(0, 31_536_000)
    .default(secondsOf(defaultPasses.onStartMs))
    .describe("Seconds before the checkpoint that are read again on start."),
  READ_CLOCK_SKEW: whole(0, 3_600)
    .default(secondsOf(defaultPasses.skewMs))
    .describe("Seconds that the clock of whoever stamps facts may be ahead of ours."),
};

export const passSettings = (e: Values<typeof projectionsVariables>) => ({
  pollIntervalMs: e.POLL_INTERVAL * 1_000,
  pageSize: e.READ_PAGE_SIZE,
  tailMs: e.READ_TAIL * 1_000,
  overlapMs: e.READ_OVERLAP * 1_000,
  overlapEveryMs: e.READ_OVERLAP_INTERVAL * 1_000,
  previousBucketMs: e.READ_PREVIOUS_BUCKET * 1_000,
  sweepMs: e.READ_SWEEP * 1_000,
  sweepEveryMs: e.READ_SWEEP_INTERVAL * 1_000,
  onStartMs: e.READ_ON_START * 1_000,
  onStartBuckets: e.PROCESS_BACKLOG_ON_STARTUP ? e.BACKLOG_TIME_BUCKETS : 0,
  skewMs: e.READ_CLOCK_SKEW * 1_000,
});
