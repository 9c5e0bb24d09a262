import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import {
  noSales,
  type SeasonSalesPage,
  type SeasonSalesPlace,
  type SeasonSalesRow,
  type SeasonSalesWanted,
  salesPeriods,
} from "../../projections/queries/row-types.ts";
import { ticketClasses } from "../../rules/classify.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "../files/table.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import {
  boundTo,
  cursorOf,
  Digest,
  encodeCursor,
  IdKey,
  InstantKey,
  nextCursor,
} from "../request/cursor.ts";
import { namedIdsOf, namesOf, regionsOf } from "../request/list-query.ts";
import { type ReadNamed, refuseUnknown } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import {
  choiceOf,
  dateOf,
  limitOf,
  queryOf,
  refuseReversedDays,
  statuses,
} from "../request/query.ts";

const MOST = 10_000;
const MOST_DAYS = 4_000;
const Tickets = z.int();

const Row = z
  .object({
    eventId: z.string().openapi({ description: "Vivenu's id." }),
    eventName: z.string().openapi({ description: "The event's name now." }),
    region: z.string().openapi({ description: "The account that sells it." }),
    timezone: z.string().nullable().openapi({
      description: "IANA name of the zone that `date` is of; null is UTC.",
    }),
    hour: z.iso.datetime().nullable().openapi({
      description:
        "`by=hour`: when the hour begins. `by=sinceLaunch`: when its 24 hours begin. Null where the row is a day of the calendar.",
    }),
    date: z.iso.date().openapi({
      description:
        "The day by the event's own calendar; of an hour or 24 hours, that it begins on.",
    }),
    day: z.int().nullable().openapi({
      description:
        "`by=sinceLaunch`: 0 in the first 24 hours, below 0 before the launch. `by=toRace`: days of the calendar to the race, 0 on its first day, below 0 after it. Else null.",
    }),
    newSales: Tickets.openapi({
      description: "Tickets: of those sold now, how many were created then. Replacements apart.",
    }),
    replacements: Tickets.openapi({
      description:
        "Tickets by transfer, rebooking, upgrade or resale: they take over a place sold before.",
    }),
    totalSold: Tickets.openapi({
      description:
        "Tickets at the end of the hour or day: today's without the new sales since. What was refunded meanwhile is in no total.",
    }),
    percentSold: z.number().nullable().openapi({
      description:
        "`totalSold` of today's capacity, 0 to 100 with two decimals. Null where `class` was asked for, and where there is no capacity.",
    }),
  })
  .openapi("SeasonSales") satisfies z.ZodType<SeasonSalesRow>;

const example: SeasonSalesRow = {
  eventId: "68f000000000000000000001",
  eventName: "HYROX Frankfurt",
  region: "DACH",
  timezone: "Europe/Berlin",
  hour: null,
  date: "2026-02-03",
  day: 221,
  newSales: 2140,
  replacements: 3,
  totalSold: 2155,
  percentSold: 23.17,
};

/** With a value in every column that a table of sales has. */
const inColumns: SeasonSalesRow = { ...example, hour: "2026-02-03T11:00:00.000Z" };

const LeftOut = z
  .object({
    eventId: z.string().openapi({ description: "Vivenu's id." }),
    reason: z.string().openapi({
      enum: [...noSales],
      description:
        "`notCounted`: its tickets were not counted yet. `group`: it holds other events, which have rows. `noLaunchDate`: by=sinceLaunch cannot number its days. `notOnSaleYet`: its launch is to come and nothing was sold.",
    }),
  })
  .openapi("SalesLeftOut");

/** With a digest of what was asked: the same place is another one in another view. */
const SeasonKey = z.tuple([
  z.literal("seasonSales"),
  Digest,
  InstantKey,
  IdKey,
  z.string().max(40),
]);

const dayNumber = (description: string) =>
  z
    .string("give it once")
    .regex(/^-?\d{1,4}$/, `must be a whole number from -${MOST_DAYS} to ${MOST_DAYS}`)
    .transform(Number)
    .refine((day) => Math.abs(day) <= MOST_DAYS, `must be within ${MOST_DAYS} days`)
    .optional()
    .openapi({
      type: "integer",
      minimum: -MOST_DAYS,
      maximum: MOST_DAYS,
      example: 0,
      description,
    });

const route = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/sales",
    operationId: "listSales",
    tags: ["Sales"],
    summary: "What many events sold, by hour or day",
    description:
      "One table for the curves of a season: by the calendar, from each launch on, or towards each race.",
    request: {
      query: queryOf({
        by: choiceOf(
          salesPeriods,
          "day",
          "`hour`: of UTC. `day`: of the event's own calendar. `sinceLaunch`: 24 hours each from the hour of the public launch on. `toRace`: days of the event's calendar, numbered to its race.",
        ),
        eventId: namedIdsOf("Only of these events.", "68f000000000000000000001"),
        region: regionsOf(regions, "Only events of these accounts."),
        status: namesOf(statuses, "Only events whose status is one of these now."),
        class: namesOf(
          ticketClasses,
          "Sums the ticket types of these classes; without it those that an event's totals hold.",
        ),
        from: dateOf("The first day, by each event's calendar.", "2026-02-01"),
        to: dateOf("The last day.", "2026-02-28"),
        ...asOf,
        minDay: dayNumber("The lowest `day`, where rows are numbered."),
        maxDay: dayNumber("The highest `day`."),
        limit: limitOf(1_000, MOST),
        cursor: cursorOf(SeasonKey),
        ...tableForms,
      })
        .superRefine(refuseTwoCommas)
        .superRefine(refuseReversedDays)
        .refine(({ minDay, maxDay }) => (minDay ?? -MOST_DAYS) <= (maxDay ?? MOST_DAYS), {
          path: ["maxDay"],
          error: "must not be less than minDay",
        })
        .refine(
          ({ by, minDay, maxDay }) =>
            ["sinceLaunch", "toRace"].includes(by) || (minDay ?? maxDay) === undefined,
          { path: ["by"], error: "must be sinceLaunch or toRace for minDay and maxDay" },
        ),
    },
    responses: {
      200: {
        description:
          "One page: event by event in the order of their dates, each oldest first. Days without sales are rows, from the launch or the first sale (the earlier) to today or the event's last day; hours without sales are none. As of an instant hours are those that were over by then, and the one under way as far as it was counted; before its first count an event has what is sold now and was created by then. Sales are counted by UTC hours, and an hour is of the day it begins on: where an event's clock is not whole hours from UTC (Adelaide, Mumbai), a day therefore begins half an hour after midnight.",
        content: {
          "application/json": {
            schema: z
              .object({
                sales: z.array(Row).openapi({
                  description: "Event by event by their dates, each oldest first.",
                }),
                leftOut: z.array(LeftOut).openapi({
                  description: "Events that this page went through and that have no rows, and why.",
                }),
                nextCursor,
              })
              .openapi("SeasonSalesPage"),
            example: {
              sales: [example],
              leftOut: [{ eventId: "68f000000000000000000009", reason: "notCounted" }],
              nextCursor: null,
            },
          },
        },
      },
      ...problems,
    },
  });

export interface SeasonSalesOptions {
  clock: Clock;
  logger: Logger;
  regions: readonly string[];
  named: ReadNamed;
  readSeasonSales: (wanted: SeasonSalesWanted) => Promise<SeasonSalesPage>;
}

export function addSeasonSales(
  app: OpenAPIHono<ApiEnv>,
  { clock, logger, regions, named, readSeasonSales }: SeasonSalesOptions,
) {
  app.openapi(route(regions), async (c) => {
    const asked = c.req.valid("query");
    const { cursor, limit, eventId: ids, class: classes } = asked;
    const { by, from, to, minDay, maxDay } = asked;
    const of = { eventIds: ids, regions: asked.region, statuses: asked.status, classes };
    const past = pastOf(asked, clock);
    const view = { ...of, by, from, to, minDay, maxDay, ...past };
    const digest = boundTo(asked, cursor);
    await refuseUnknown(named, { eventId: ids }, past);
    const after = cursor && ([cursor[2], cursor[3], cursor[4]] as const);
    const read = (behind: Pick<SeasonSalesWanted, "limit" | "after">) =>
      readSeasonSales({ ...view, ...behind });
    const file = await tableAnswer(c, asked, {
      logger,
      name: "sales",
      example: inColumns,
      read: (place?: SeasonSalesPlace) => read({ limit: MOST, after: place ?? after }),
    });
    if (file) return file;
    const { rows, leftOut, next } = await read({ limit, after });
    const nextCursor = next && encodeCursor(["seasonSales", digest, ...next]);
    return c.json({ sales: rows, leftOut, nextCursor }, 200);
  });
}
