import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { Failure } from "../lib/failure.ts";
import type { EventRow } from "../projections/queries/rows.ts";
import { cursorOf, encodeCursor, IdKey, InstantKey, nextCursor } from "./cursor.ts";
import { type ApiEnv, problems } from "./problem.ts";
import { eventIdInPath, limitOf, queryOf, regionOf, statuses, statusOf } from "./query.ts";
import type { ReadLists, ReadRows } from "./row-reads.ts";
import { TicketType, ticketTypeExample } from "./ticket-types.ts";

const Instant = z.iso.datetime();
const Tickets = z.int();

const Event = z
  .object({
    eventId: z.string(),
    region: z.string(),
    eventName: z.string(),
    eventType: z.string().openapi({
      description:
        "Vivenu's: `SINGLE` or `RECURRENCE`. `GROUP` and `ROOT` hold other events: what they sell these sell, so that they have no numbers of their own.",
    }),
    childEventIds: z.array(z.string()).openapi({ description: "The events that it holds." }),
    eventDate: Instant,
    eventEndDate: Instant,
    timezone: z.string().nullable(),
    location: z.string().nullable(),
    salesLaunchDate: Instant.nullable(),
    salesEndDate: Instant.nullable(),
    status: z.string().openapi({
      enum: statuses,
      description:
        "`PAUSED`: within its sale's window, and all places that are left are in ticket types that are switched off. `GROUP`: it holds other events, each with a status of its own.",
    }),
    presale: z.boolean().openapi({ description: "A shop sells before the public launch." }),
    limited: z.boolean().openapi({ description: "On sale, and 80 % or more are gone." }),
    currency: z.string().nullable().openapi({
      description:
        "ISO 4217: what its tickets name. Null while they disagree, or while there are none and its account sells in several.",
    }),
    totalCapacity: Tickets.nullable().openapi({
      description: "Null, as all numbers are, where it holds other events.",
    }),
    totalSold: Tickets.nullable().openapi({
      description: "Null until the event was counted once.",
    }),
    totalAvailable: Tickets.nullable().openapi({
      description: "What the capacity leaves, also of ticket types that are switched off.",
    }),
    availableToBuy: Tickets.nullable().openapi({
      description:
        "Of `totalAvailable`, what ticket types that are switched on leave; 0 while there is no public sale.",
    }),
    reserved: Tickets.nullable().openapi({
      description:
        "Reserved and unpaid tickets of the types in the totals. Always: `totalCapacity` = `totalSold` + `reserved` + `heldForUnderShops` + `totalAvailable` - `oversoldPlaces`.",
    }),
    heldForUnderShops: Tickets.nullable().openapi({
      description:
        "Places of the capacity that other tickets took, through undershops or not: of types that are not in the totals, or removed, where they share a category's or the event's amount with those that are.",
    }),
    oversoldPlaces: Tickets.nullable().openapi({
      description:
        "Tickets in the totals, sold or reserved, that took no place of the capacity: of a type beyond its amount, or sold by an independent undershop of an amount of its own.",
    }),
    percentSold: z.number().nullable().openapi({
      description: "0 to 100 with two decimals; above 100 where more was sold than there is.",
    }),
    oversold: Tickets.nullable().openapi({
      description: "By how much `totalSold` exceeds `totalCapacity`.",
    }),
    countedAt: Instant.nullable().openapi({
      description:
        "When the count that the numbers are of began: the newest that read every ticket.",
    }),
    countComplete: z.boolean().nullable().openapi({
      description:
        "Whether the newest count read every ticket. False: a newer one could not, and the numbers are still those of `countedAt`. Null until there is any count.",
    }),
    lastUpdated: Instant,
  })
  .openapi("Event") satisfies z.ZodType<EventRow>;

const example: EventRow = {
  eventId: "68f000000000000000000001",
  region: "DACH",
  eventName: "HYROX Frankfurt",
  eventType: "SINGLE",
  childEventIds: [],
  eventDate: "2026-09-12T06:00:00.000Z",
  eventEndDate: "2026-09-13T18:00:00.000Z",
  timezone: "Europe/Berlin",
  location: "Messe Frankfurt",
  salesLaunchDate: "2026-02-03T11:00:00.000Z",
  salesEndDate: "2026-09-10T22:00:00.000Z",
  status: "ON_SALE",
  presale: false,
  limited: false,
  currency: "EUR",
  totalCapacity: 9300,
  totalSold: 5431,
  totalAvailable: 3869,
  availableToBuy: 3410,
  reserved: 12,
  heldForUnderShops: 0,
  oversoldPlaces: 12,
  percentSold: 58.4,
  oversold: 0,
  countedAt: "2026-02-12T11:00:04.000Z",
  countComplete: true,
  lastUpdated: "2026-02-12T11:00:07.000Z",
};

const EventKey = z.tuple([z.literal("event"), InstantKey, IdKey]);

const listRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/events",
    operationId: "listEvents",
    tags: ["Events"],
    summary: "Events, by date",
    request: {
      query: queryOf({
        limit: limitOf(50, 200),
        cursor: cursorOf(EventKey),
        region: regionOf(regions),
        status: statusOf(),
      }),
    },
    responses: {
      200: {
        description: "One page.",
        content: {
          "application/json": {
            schema: z.object({ events: z.array(Event), nextCursor }).openapi("EventPage"),
            example: { events: [example], nextCursor: null },
          },
        },
      },
      400: problems[400],
      401: problems[401],
      500: problems[500],
      503: problems[503],
    },
  });

const oneRoute = createRoute({
  method: "get",
  path: "/api/events/{eventId}",
  operationId: "readEvent",
  tags: ["Events"],
  summary: "One event with its ticket types",
  request: { params: eventIdInPath, query: queryOf({}) },
  responses: {
    200: {
      description: "The event.",
      content: {
        "application/json": {
          schema: Event.extend({ ticketTypes: z.array(TicketType) }).openapi("EventInFull"),
          example: { ...example, ticketTypes: [ticketTypeExample] },
        },
      },
    },
    ...problems,
  },
});

export interface EventsOptions {
  regions: readonly string[];
  readRows: ReadRows;
  lists: ReadLists;
}

export function addEvents(app: OpenAPIHono<ApiEnv>, { regions, readRows, lists }: EventsOptions) {
  app.openapi(listRoute(regions), async (c) => {
    const { limit, cursor, region, status } = c.req.valid("query");
    const after = cursor && ([cursor[1], cursor[2]] as const);
    const { rows, next } = await lists.events({ limit, after, region, status });
    return c.json({ events: rows, nextCursor: next && encodeCursor(["event", ...next]) }, 200);
  });

  app.openapi(oneRoute, async (c) => {
    const { eventId } = c.req.valid("param");
    const { events, ticketTypes } = await readRows({ eventId });
    const event = events.find((one) => one.eventId === eventId);
    if (!event) throw new Failure("missing", "There is no such event.");
    const types = ticketTypes.filter((type) => type.eventId === eventId);
    return c.json({ ...event, ticketTypes: types }, 200);
  });
}
