import { Cron } from "croner";
import { z } from "zod";
import { defaultIncremental } from "../intake/counting/incremental-settings.ts";
import { defaultIncrementalPace } from "../intake/polling/launch.ts";
import { OFF, secondsOf, type Values, whole } from "./values.ts";

const schedule = z
  .string()
  .transform((text) => (text.toLowerCase() === OFF ? OFF : text))
  .refine((text) => text === OFF || comes(text), {
    error: 'must be "off" or a cron expression that comes (0 2 * * * is daily at 02:00 UTC)',
  });

function comes(expression: string) {
  try {
    return new Cron(expression, { timezone: "UTC", paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

/** When what is read and counted, and what a webhook may take. */
export const intakeVariables = {
  POLL_SCHEDULE: schedule
    .default("0 2 * * *")
    .describe(
      "When `serve` polls Vivenu, as a cron expression in UTC; `off` where a CronJob does it.",
    ),
  HINT_INTERVAL: whole(0, 86_400)
    .default(1_800)
    .describe("Seconds between two recounts of one event."),
  LAUNCH_LEAD: whole(0, 86_400)
    .default(secondsOf(defaultIncrementalPace.leadMs))
    .describe("Seconds before a sale opens at which launch mode begins."),
  LAUNCH_INTERVAL: whole(10, 86_400)
    .default(secondsOf(defaultIncrementalPace.launchEveryMs))
    .describe("Seconds between two looks in launch mode."),
  LAUNCH_DURATION: whole(0, 604_800)
    .default(secondsOf(defaultIncrementalPace.launchForMs))
    .describe("Seconds that launch mode lasts."),
  LAUNCH_OVERLAP: whole(0, 86_400)
    .default(secondsOf(defaultIncrementalPace.launchOverlapMs))
    .describe(
      "Seconds that two looks overlap in launch mode; every five minutes it is `CHANGES_OVERLAP`. How late Vivenu shows a change is not known.",
    ),
  AFTER_LAUNCH_INTERVAL: whole(10, 86_400)
    .default(secondsOf(defaultIncrementalPace.afterEveryMs))
    .describe("Seconds between two looks after it."),
  AFTER_LAUNCH_DURATION: whole(0, 2_592_000)
    .default(secondsOf(defaultIncrementalPace.afterForMs))
    .describe("Until so many seconds after the opening."),
  CHANGES_INTERVAL: whole(10, 604_800)
    .default(secondsOf(defaultIncrementalPace.everyMs))
    .describe("Seconds between two looks at all other times."),
  CHANGES_OVERLAP: whole(0, 86_400)
    .default(secondsOf(defaultIncremental.overlapMs))
    .describe("Seconds that two looks overlap."),
  COUNT_CHECK_INTERVAL: whole(0, 604_800)
    .default(secondsOf(defaultIncremental.checkMs))
    .describe("Seconds between two checks of an event against Vivenu's own total; 0 for none."),
  WEBHOOK_BODY_LIMIT: whole(1_024, 1_073_741_824)
    .default(8_388_608)
    .describe("Bytes of a webhook's body at most."),
  WEBHOOK_MEMORY: whole(1_048_576, 17_179_869_184)
    .optional()
    .describe(
      "Bytes that the bodies of all webhooks may take at one time, `WEBHOOK_BODY_LIMIT` at least; unset, four times that. What does not fit is answered with 503.",
    ),
  WEBHOOK_TIMEOUT: whole(1, 60)
    .default(8)
    .describe(
      "Seconds until a webhook that could not be read and kept is answered with 503; Vivenu itself waits 10.",
    ),
};

type IntakeValues = Values<typeof intakeVariables>;

/** What no variable says alone. */
export const intakeFaults = ({ WEBHOOK_MEMORY = Infinity, WEBHOOK_BODY_LIMIT }: IntakeValues) =>
  WEBHOOK_MEMORY < WEBHOOK_BODY_LIMIT ? ["WEBHOOK_MEMORY must be WEBHOOK_BODY_LIMIT at least"] : [];

export const intakeSettings = (e: IntakeValues) => ({
  pollSchedule: e.POLL_SCHEDULE === OFF ? undefined : e.POLL_SCHEDULE,
  recountIntervalMs: e.HINT_INTERVAL * 1_000,
  incrementalPace: {
    leadMs: e.LAUNCH_LEAD * 1_000,
    launchEveryMs: e.LAUNCH_INTERVAL * 1_000,
    launchForMs: e.LAUNCH_DURATION * 1_000,
    launchOverlapMs: e.LAUNCH_OVERLAP * 1_000,
    afterEveryMs: e.AFTER_LAUNCH_INTERVAL * 1_000,
    afterForMs: e.AFTER_LAUNCH_DURATION * 1_000,
    everyMs: e.CHANGES_INTERVAL * 1_000,
  },
  incremental: {
    overlapMs: e.CHANGES_OVERLAP * 1_000,
    checkMs: e.COUNT_CHECK_INTERVAL * 1_000,
  },
  webhooks: {
    bodyLimitBytes: e.WEBHOOK_BODY_LIMIT,
    roomBytes: e.WEBHOOK_MEMORY ?? Math.max(4 * e.WEBHOOK_BODY_LIMIT, 1_048_576),
    answerWithinMs: e.WEBHOOK_TIMEOUT * 1_000,
  },
});
