import { z } from "zod";
import { DEFAULT_IN_FLIGHT } from "../vivenu/gate.ts";
import { DEFAULT_TIMEOUT_MS } from "../vivenu/timeout.ts";
import { HYROX_REGIONS, regionNames } from "./accounts.ts";
import { names, oneOf, origin, secondsOf, type Values, whole } from "./values.ts";

/** Whom Vivenu is asked for, and how much; the variables of each account are in `accounts.ts`. */
export const vivenuVariables = {
  VIVENU_REGIONS: regionNames
    .default(HYROX_REGIONS)
    .describe(
      "The accounts' names; each has the variables `<REGION>_API`, `<REGION>_WEBHOOK_SECRET` and `<REGION>_SELLER_ID`.",
    ),
  VIVENU_SECRET: z
    .string()
    .optional()
    .describe(
      "The webhook key of every account that has none of its own, 16 characters at least; comma-separated while it is being rotated.",
    ),
  VIVENU_BASE_URL: origin.default("https://vivenu.com").describe("Vivenu, or a stand-in for it."),
  VIVENU_MODE: oneOf(["prod", "dev", "any"])
    .default("prod")
    .describe("The `mode` that webhooks must carry."),
  VIVENU_EVENT_FILTER: z
    .string()
    .min(1)
    .default("hyrox")
    .describe(
      "Only events whose name contains it are read, upper and lower case alike; `*` reads all.",
    ),
  VIVENU_INCLUDE_EVENTS: names.default([]).describe("Event ids that are read whatever their name."),
  VIVENU_EXCLUDE_EVENTS: names.default([]).describe("Event ids that are never read."),
  VIVENU_REQUESTS_PER_HOUR: whole(1, 10_000_000)
    .default(900)
    .describe("Requests to Vivenu an hour and account, over all processes."),
  VIVENU_REQUESTS_PER_MINUTE: whole(1, 1_000_000)
    .default(100)
    .describe("Requests to Vivenu a minute and account, over all processes."),
  VIVENU_PAGE_SIZE: whole(10, 1_000).default(1_000).describe("Tickets a request."),
  VIVENU_TIMEOUT: whole(1, 300)
    .default(secondsOf(DEFAULT_TIMEOUT_MS))
    .describe("Seconds before a request to Vivenu is given up."),
  VIVENU_IN_FLIGHT: whole(1, 20)
    .default(DEFAULT_IN_FLIGHT)
    .describe(
      "Requests to Vivenu at once, of each account and of each that asks: the poll, recounts, a launch. What Vivenu allows is not known.",
    ),
  VIVENU_LIST_DELAY: whole(0, 300)
    .default(2)
    .describe(
      "Seconds until Vivenu lists a ticket that was made: a count is of those that are older. How long it takes is not known; where it takes longer, counts in a launch end as incomplete, or miss the newest tickets until changes are read again.",
    ),
};

export const vivenuSettings = (e: Values<typeof vivenuVariables>) => ({
  baseUrl: e.VIVENU_BASE_URL,
  mode: e.VIVENU_MODE,
  regions: e.VIVENU_REGIONS,
  filter: {
    name: e.VIVENU_EVENT_FILTER,
    include: e.VIVENU_INCLUDE_EVENTS,
    exclude: e.VIVENU_EXCLUDE_EVENTS,
  },
  budget: { perHour: e.VIVENU_REQUESTS_PER_HOUR, perMinute: e.VIVENU_REQUESTS_PER_MINUTE },
  pageSize: e.VIVENU_PAGE_SIZE,
  timeoutMs: e.VIVENU_TIMEOUT * 1_000,
  inFlight: e.VIVENU_IN_FLIGHT,
  cutoffMs: e.VIVENU_LIST_DELAY * 1_000,
});
