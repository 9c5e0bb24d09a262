import { z } from "@hono/zod-openapi";
import { type Pace, type Usual, unusualReasons } from "../../projections/queries/row-types.ts";

const NOT_KNOWN = "Null while the event was not counted, and where it holds other events.";

const tickets = (description: string, example: number) =>
  z
    .int()
    .nullable()
    .openapi({ description: `${description} In tickets. ${NOT_KNOWN}`, example });

const percent = (description: string, example: number) =>
  z.number().openapi({ description: `${description} Two decimals.`, example });

const UsualSchema = z
  .object({
    shareOfSellingTime: percent(
      "Percent of the time from the public launch to the end of the sale, or to the race where that comes first, that is over by `until`.",
      50,
    ),
    percentSold: percent("What this event had sold by `until`, in percent of its capacity.", 52),
    usualPercentSold: percent(
      "The median of what the comparables had sold at the same share of their selling time, in percent of their capacities. By when the tickets that are sold now were created: what was refunded since is not in it.",
      44.5,
    ),
    pointsAhead: percent("`percentSold` less `usualPercentSold`; below 0 where it is behind.", 7.5),
    comparables: z.array(z.string()).openapi({
      description: "The ids of the events that it is compared with, the newest first.",
      example: ["68f000000000000000000002"],
    }),
  })
  .openapi("Usual") satisfies z.ZodType<Usual>;

export const PaceSchema = z
  .object({
    until: z.iso.datetime().openapi({
      description:
        "The last whole hour, UTC: the windows end with it, and each is as long as it says.",
      example: "2026-02-12T11:00:00.000Z",
    }),
    unknown: z.enum(["group", "notCounted"]).nullable().openapi({
      description:
        "Why the numbers are null: `notCounted` yet, or a `group` that holds other events. Null where they are known.",
      example: null,
    }),
    hourSoFar: tickets("Newly sold since `until`.", 12),
    lastHour: tickets("Newly sold in the hour before `until`.", 40),
    last24Hours: tickets("Newly sold in the 24 hours before `until`.", 310),
    last7Days: tickets("Newly sold in the 168 hours before `until`.", 1904),
    previous7Days: tickets("Newly sold in the 168 hours before those.", 2310),
    perDay: z
      .number()
      .nullable()
      .openapi({ description: `\`last7Days\` a day, two decimals. ${NOT_KNOWN}`, example: 272 }),
    daysToRace: z.int().openapi({
      description:
        "Days of the event's calendar from `until` to the race's first; below 0 after it.",
      example: 212,
    }),
    neededPerDay: z.number().nullable().openapi({
      description:
        "`totalAvailable` by the days that are left to sell, to the end of the sale or to the race where that comes first: what has to be sold a day to sell out by then. Two decimals. Null after that too, and of an event that was called off.",
      example: 18.25,
    }),
    usual: UsualSchema.nullable().openapi({
      description: "Against comparable past events; null where `usualUnknown` says why.",
    }),
    usualUnknown: z.enum(unusualReasons).nullable().openapi({
      description:
        "Why `usual` is null: `notCounted`, `group`, `cancelled`, `noLaunchDate`, `notLaunched` yet, `noCapacity`, or `tooFewComparables`: fewer than three past events, or none of those that were chosen has come so far.",
      example: null,
    }),
  })
  .openapi("Pace", {
    description:
      "How fast an event sells: new sales of the ticket types in its totals, by UTC hour of their creation, replacements left out; of the tickets that are sold now. As of an instant that something was counted after, windows are what the counts say as `levels` has it, with refunds taken out when they came, so that one may be below 0; what was before the first count is by creation still, and so is what is usual.",
  }) satisfies z.ZodType<Pace>;

export const paceExample: Pace = {
  until: "2026-02-12T11:00:00.000Z",
  unknown: null,
  hourSoFar: 12,
  lastHour: 40,
  last24Hours: 310,
  last7Days: 1904,
  previous7Days: 2310,
  perDay: 272,
  daysToRace: 212,
  neededPerDay: 18.25,
  usual: {
    shareOfSellingTime: 50,
    percentSold: 52,
    usualPercentSold: 44.5,
    pointsAhead: 7.5,
    comparables: ["68f000000000000000000002", "68f000000000000000000003"],
  },
  usualUnknown: null,
};
