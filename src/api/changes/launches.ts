import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type {
  LaunchesWanted,
  LaunchPlace,
  LaunchRow,
  Page,
} from "../../projections/queries/row-types.ts";
import { launchProblems } from "../../rules/launch-readiness.ts";
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
import { regionsOf } from "../request/list-query.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { instantOf, limitOf, queryOf, statuses } from "../request/query.ts";
import { launchCalendar } from "./launch-calendar.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A launch is watched for as long. */
const LISTED_BACK_MS = 48 * HOUR_MS;
/** Whoever subscribes to a calendar would wonder where last month's launches went. */
const CALENDAR_BACK_MS = 90 * DAY_MS;
const MOST = 200;

const Instant = z.iso.datetime();
const Tickets = z.int();

const Launch = z
  .object({
    eventId: z.string().openapi({ description: "Vivenu's id." }),
    eventName: z.string().openapi({ description: "As Vivenu has it." }),
    region: z.string().openapi({ description: "The account that sells it." }),
    timezone: z.string().nullable().openapi({
      description: "The event's own, as IANA names it; null means UTC.",
    }),
    location: z.string().nullable().openapi({ description: "Venue, city and country code." }),
    eventDate: Instant.openapi({ description: "When the race begins." }),
    salesLaunchDate: Instant.openapi({ description: "When the public sale begins." }),
    salesEndDate: Instant.nullable().openapi({ description: "When it ends." }),
    status: z.string().openapi({ enum: statuses, description: "The event's, as in `Event`." }),
    presale: z.boolean().openapi({ description: "A shop sells before the public launch." }),
    currency: z.string().nullable().openapi({ description: "ISO 4217." }),
    totalCapacity: Tickets.nullable().openapi({ description: "Places in the totals." }),
    totalSold: Tickets.nullable().openapi({
      description: "Null until the event was counted once.",
    }),
    lastUpdated: Instant.openapi({
      description: "Since when the event's row has said what it says, by Vivenu's facts.",
    }),
    isReady: z
      .boolean()
      .openapi({ description: "`problems` is empty, and the event was not called off." }),
    problems: z
      .array(
        z.object({
          problem: z.enum(launchProblems).openapi({
            description:
              "`noRaces`: the event has no ticket type in its totals. `noPrice`: the price is 0 or not known. `inactive`: switched off. `noCapacity`: not one place.",
          }),
          ticketTypes: z
            .array(
              z.object({
                ticketTypeId: z.string().openapi({ description: "Vivenu's id." }),
                ticketName: z.string().openapi({ description: "As Vivenu has it." }),
              }),
            )
            .openapi({ description: "Those it is of; empty where it is the event's own." }),
        }),
      )
      .openapi({
        description: "What is in the way of the sale, of the ticket types in the event's totals.",
      }),
    moves: z
      .array(
        z.object({
          from: Instant.nullable().openapi({ description: "Null where there was no launch yet." }),
          to: Instant.nullable().openapi({ description: "Null where it was taken back." }),
          at: Instant.openapi({ description: "When it was first observed." }),
        }),
      )
      .openapi({
        description: "The instants that the launch was set to before, the oldest first.",
      }),
  })
  .openapi("Launch") satisfies z.ZodType<LaunchRow>;

const example: LaunchRow = {
  eventId: "68f000000000000000000001",
  eventName: "HYROX Frankfurt",
  region: "DACH",
  timezone: "Europe/Berlin",
  location: "Messe Frankfurt",
  eventDate: "2026-09-12T06:00:00.000Z",
  salesLaunchDate: "2026-02-03T11:00:00.000Z",
  salesEndDate: "2026-09-10T22:00:00.000Z",
  status: "ANNOUNCED",
  presale: false,
  currency: "EUR",
  totalCapacity: 9300,
  totalSold: 0,
  lastUpdated: "2026-01-28T09:12:00.000Z",
  isReady: false,
  problems: [
    {
      problem: "inactive",
      ticketTypes: [
        { ticketTypeId: "68f0000000000000000000a1", ticketName: "HYROX MEN | Saturday" },
      ],
    },
  ],
  moves: [
    {
      from: "2026-02-02T11:00:00.000Z",
      to: "2026-02-03T11:00:00.000Z",
      at: "2026-01-28T09:12:00.000Z",
    },
  ],
};

/** With a digest of what was asked: the same place is another one in another view. */
const LaunchKey = z.tuple([z.literal("launch"), Digest, InstantKey, IdKey]);

const windowOf = (regions: readonly string[], back: string) => ({
  region: regionsOf(regions, "Only of events of these accounts."),
  from: instantOf(`Launches of this instant or later; without it from ${back} ago on.`),
  to: instantOf("Launches before this instant; without it all that are known."),
  ...asOf,
});

function refuseEmptyWindow(
  { from, to }: { from?: Date | undefined; to?: Date | undefined },
  context: z.RefinementCtx,
) {
  if (from !== undefined && to !== undefined && to <= from)
    context.addIssue({ code: "custom", path: ["to"], message: "must be later than from" });
}

const listRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/launches",
    operationId: "listLaunches",
    tags: ["Launches"],
    summary: "When sales begin, the earliest first, and what is not ready for it",
    description:
      "The launch calendar: whether what is to be sold has a price and places and is switched on, and where a launch was moved.",
    request: {
      query: queryOf({
        limit: limitOf(50, MOST),
        cursor: cursorOf(LaunchKey),
        ...windowOf(regions, "48 hours"),
        ...tableForms,
      })
        .superRefine(refuseTwoCommas)
        .superRefine(refuseEmptyWindow),
    },
    responses: {
      200: {
        description:
          "One page. Events that hold others are left out, so that a page may have fewer than `limit` and `nextCursor` all the same.",
        content: {
          "application/json": {
            schema: z
              .object({
                launches: z.array(Launch).openapi({ description: "The earliest first." }),
                nextCursor,
              })
              .openapi("LaunchPage"),
            example: { launches: [example], nextCursor: null },
          },
        },
      },
      400: problems[400],
      401: problems[401],
      500: problems[500],
      503: problems[503],
    },
  });

const calendarRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/launches.ics",
    operationId: "readLaunchCalendar",
    tags: ["Launches"],
    summary: "The same as a calendar to subscribe to",
    description:
      "For calendar programs, which ask for it again by themselves. Those that send no header open it by a link that is signed for it, or with the key as the password.",
    request: { query: queryOf(windowOf(regions, "90 days")).superRefine(refuseEmptyWindow) },
    responses: {
      200: {
        description:
          "iCalendar (RFC 5545): one entry a launch, which keeps its UID when it is moved.",
        content: { "text/calendar": { schema: z.string() } },
      },
      400: problems[400],
      401: problems[401],
      500: problems[500],
      503: problems[503],
    },
  });

export interface LaunchesOptions {
  logger: Logger;
  clock: Clock;
  regions: readonly string[];
  readLaunches: (wanted: LaunchesWanted) => Promise<Page<LaunchRow, LaunchPlace>>;
}

export function addLaunches(
  app: OpenAPIHono<ApiEnv>,
  { clock, logger, regions, readLaunches }: LaunchesOptions,
) {
  app.openapi(listRoute(regions), async (c) => {
    const asked = c.req.valid("query");
    const past = pastOf(asked, clock);
    const { cursor, from = ago(LISTED_BACK_MS, past), to, region: regions, limit } = asked;
    const digest = boundTo(asked, cursor);
    const after = cursor && ([cursor[2], cursor[3]] as const);
    const wanted = { regions, from, to, ...past };
    const file = await tableAnswer(c, asked, {
      logger,
      name: "launches",
      example,
      read: (place?: LaunchPlace) =>
        readLaunches({ ...wanted, limit: MOST, after: place ?? after }),
    });
    if (file) return file;
    const { rows, next } = await readLaunches({ ...wanted, limit, after });
    const nextCursor = next && encodeCursor(["launch", digest, ...next]);
    return c.json({ launches: rows, nextCursor }, 200);
  });

  app.openapi(calendarRoute(regions), async (c) => {
    const asked = c.req.valid("query");
    const past = pastOf(asked, clock);
    const { from = ago(CALENDAR_BACK_MS, past), to, region: regions } = asked;
    const wanted = { from, to, regions, ...past, limit: MOST };
    const launches: LaunchRow[] = [];
    let after: LaunchPlace | undefined;
    do {
      const page = await readLaunches({ ...wanted, after });
      launches.push(...page.rows);
      after = page.next ?? undefined;
    } while (after);
    return c.body(await launchCalendar(launches), 200, {
      "content-type": "text/calendar; charset=utf-8",
      "content-disposition": 'inline; filename="launches.ics"',
    });
  });

  /** By the minute, so that an answer may be kept as long. */
  const ago = (ms: number, { asOf: then }: { asOf: Date | undefined }) => {
    const now = (then ?? clock.now()).getTime();
    return new Date(now - (now % MINUTE_MS) - ms);
  };
}
