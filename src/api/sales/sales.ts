import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { SalesRow } from "../../projections/queries/row-types.ts";
import type { ReadOfEvent } from "../events/row-reads.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "../files/table.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { boundTo, cursorOf, Digest, nextCursor, type Order, pageOf } from "../request/cursor.ts";
import { noSuchEvent } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import {
  choiceOf,
  dateOf,
  eventIdInPath,
  limitOf,
  queryOf,
  refuseReversedDays,
} from "../request/query.ts";

const periods = ["day", "hour"] as const;
const subjects = ["event", "ticketType"] as const;
const MOST = 10_000;
const Tickets = z.int();

const Sales = z
  .object({
    hour: z.iso.datetime().nullable().openapi({
      description: "When the hour begins; null where the row is a day.",
    }),
    date: z.iso.date().openapi({ description: "The day by the event's own calendar." }),
    ticketTypeId: z.string().nullable().openapi({
      description: "Null where the row is of all ticket types in the event's totals.",
    }),
    ticketName: z.string().nullable().openapi({
      description: "Its name now; null where the row is of the event.",
    }),
    newSales: Tickets.openapi({ description: "Of the tickets sold now, those created then." }),
    replacements: Tickets.openapi({
      description: "By transfer, rebooking, upgrade or resale: they take over a place sold before.",
    }),
    totalSold: Tickets.nullable().openapi({
      description:
        "At the end of the hour or day: today's without the new sales since. What was refunded meanwhile is in no total.",
    }),
  })
  .openapi("Sales") satisfies z.ZodType<SalesRow>;

const example: SalesRow = {
  hour: "2026-02-03T11:00:00.000Z",
  date: "2026-02-03",
  ticketTypeId: null,
  ticketName: null,
  newSales: 2140,
  replacements: 3,
  totalSold: 2155,
};

/** With a digest of what was asked: the same place is another one in another view. */
const SalesKey = z.tuple([z.literal("sales"), Digest, z.string(), z.string(), z.string()]);

const byTime = (digest: string): Order<SalesRow, z.infer<typeof SalesKey>> => ({
  key: SalesKey,
  keyOf: ({ hour, date, ticketTypeId }) => ["sales", digest, hour ?? "", date, ticketTypeId ?? ""],
});

const route = createRoute({
  method: "get",
  path: "/api/events/{eventId}/sales",
  operationId: "readSalesOfEvent",
  tags: ["Sales"],
  summary: "One event's sales by hour or day, oldest first",
  description:
    "By when the tickets that are sold now were created: what was refunded since is in none of them. `levels` has what was sold at each count, refunds and all.",
  request: {
    params: eventIdInPath,
    query: queryOf({
      by: choiceOf(periods, "day", "Hours are UTC, days the event's own."),
      per: choiceOf(
        subjects,
        "event",
        "All ticket types in the event's totals together, or every ticket type by itself.",
      ),
      from: dateOf("The first day, by the event's calendar."),
      to: dateOf("The last day."),
      ...asOf,
      limit: limitOf(1_000, MOST),
      cursor: cursorOf(SalesKey),
      ...tableForms,
    })
      .superRefine(refuseTwoCommas)
      .superRefine(refuseReversedDays),
  },
  responses: {
    200: {
      description:
        "One page: the hours or days with sales, and no others. As of an instant those that were over by then, and the one under way as far as it was counted; the newest total is what was counted then, and before the first count what is sold now and was created by then, as `levels` has it. Sales are counted by UTC hours, and an hour is of the day it begins on: where the event's clock is not whole hours from UTC (Adelaide, Mumbai), a day therefore begins half an hour after midnight.",
      content: {
        "application/json": {
          schema: z
            .object({
              eventId: z.string().openapi({ description: "Vivenu's id." }),
              timezone: z.string().nullable().openapi({
                description: "IANA name of the zone that days are of; null is UTC.",
              }),
              sales: z.array(Sales).openapi({ description: "Oldest first." }),
              nextCursor,
            })
            .openapi("SalesPage"),
          example: {
            eventId: "68f000000000000000000001",
            timezone: "Europe/Berlin",
            sales: [example],
            nextCursor: null,
          },
        },
      },
    },
    ...problems,
  },
});

export interface SalesWanted {
  by: (typeof periods)[number];
  per: (typeof subjects)[number];
  /** Rows of earlier days may be left out. */
  from?: string | undefined;
  /** Up to this instant, of the event as it was then. */
  asOf?: Date | undefined;
}

export interface SalesOptions {
  clock: Clock;
  logger: Logger;
  /** Undefined where there is no such event. */
  readSales: ReadOfEvent<SalesWanted, { timezone: string | null; sales: SalesRow[] }>;
}

export function addSales(app: OpenAPIHono<ApiEnv>, { clock, logger, readSales }: SalesOptions) {
  app.openapi(route, async (c) => {
    const { eventId } = c.req.valid("param");
    const asked = c.req.valid("query");
    const { by, per, from, to, limit, cursor } = asked;
    const order = byTime(boundTo({ ...asked, eventId }, cursor));
    const past = pastOf(asked, clock);
    const found = await readSales(eventId, { by, per, from, ...past });
    if (!found) throw noSuchEvent(eventId, past);
    const wanted = found.sales.filter(
      ({ date }) => (from === undefined || date >= from) && (to === undefined || date <= to),
    );
    const file = await tableAnswer(c, asked, {
      logger,
      name: "sales",
      example,
      async read() {
        const { rows } = pageOf(wanted, order, { limit: wanted.length, cursor });
        return { rows, next: null };
      },
    });
    if (file) return file;
    const page = pageOf(wanted, order, { limit, cursor });
    const { timezone } = found;
    return c.json({ eventId, timezone, sales: page.rows, nextCursor: page.nextCursor }, 200);
  });
}
