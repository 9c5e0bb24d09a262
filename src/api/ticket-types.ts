import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { EventRow, TicketTypeRow } from "../projections/queries/rows.ts";
import {
  cursorOf,
  encodeCursor,
  IdKey,
  InstantKey,
  nextCursor,
  type Order,
  pageOf,
} from "./cursor.ts";
import { type ApiEnv, problems } from "./problem.ts";
import { eventIdInPath, limitOf, queryOf, regionOf } from "./query.ts";
import { type ReadLists, type ReadRows, refuseUnknown } from "./row-reads.ts";

const Instant = z.iso.datetime();
const Tickets = z.int();

export const TicketType = z
  .object({
    eventId: z.string(),
    eventName: z.string(),
    region: z.string(),
    timezone: z.string().nullable(),
    ticketTypeId: z.string(),
    ticketName: z.string(),
    class: z.string().openapi({ description: "race, charity, spectator, secondary, addon, ..." }),
    active: z.boolean(),
    removed: z.boolean().openapi({ description: "The event no longer has it." }),
    price: z.number().nullable().openapi({ description: "In major units of `currency`." }),
    currency: z.string().nullable(),
    capacity: Tickets.nullable(),
    sold: Tickets.nullable().openapi({ description: "Null until the event was counted once." }),
    soldDirect: Tickets.nullable(),
    soldUnderShop: Tickets.nullable(),
    allocatedUnderShop: Tickets,
    reserved: Tickets.nullable(),
    complimentary: Tickets.nullable(),
    replaced: Tickets.nullable(),
    available: Tickets.nullable(),
    availableToBuy: Tickets.nullable().openapi({
      description:
        "0 while the type is switched off or its event has no public sale, whatever is left of it.",
    }),
    oversold: Tickets.nullable(),
    lastUpdated: Instant,
  })
  .openapi("TicketType") satisfies z.ZodType<TicketTypeRow>;

export const ticketTypeExample: TicketTypeRow = {
  eventId: "68f000000000000000000001",
  eventName: "HYROX Frankfurt",
  region: "DACH",
  timezone: "Europe/Berlin",
  ticketTypeId: "68f0000000000000000000a1",
  ticketName: "HYROX MEN | Saturday",
  class: "race",
  active: true,
  removed: false,
  price: 109.9,
  currency: "EUR",
  capacity: 600,
  sold: 412,
  soldDirect: 398,
  soldUnderShop: 14,
  allocatedUnderShop: 40,
  reserved: 3,
  complimentary: 2,
  replaced: 11,
  available: 188,
  availableToBuy: 188,
  oversold: 0,
  lastUpdated: "2026-02-12T11:00:07.000Z",
};

const ofOneEventRoute = createRoute({
  method: "get",
  path: "/api/events/{eventId}/ticket-types",
  operationId: "readTicketTypesOfEvent",
  tags: ["Ticket types"],
  summary: "All ticket types of one event",
  request: { params: eventIdInPath, query: queryOf({}) },
  responses: {
    200: {
      description: "Its ticket types, in the event's own order.",
      content: {
        "application/json": {
          schema: z.object({ ticketTypes: z.array(TicketType) }).openapi("TicketTypesOfEvent"),
          example: { ticketTypes: [ticketTypeExample] },
        },
      },
    },
    ...problems,
  },
});

const TicketTypeKey = z.tuple([z.literal("ticketType"), InstantKey, IdKey, IdKey]);

const listRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/ticket-types",
    operationId: "listTicketTypes",
    tags: ["Ticket types"],
    summary: "Ticket types of all events, by the event's date",
    request: {
      query: queryOf({
        limit: limitOf(200, 1000),
        cursor: cursorOf(TicketTypeKey),
        region: regionOf(regions),
        eventId: z.string("give it once").min(1, "must not be empty").optional(),
      }),
    },
    responses: {
      200: {
        description: "One page.",
        content: {
          "application/json": {
            schema: z
              .object({ ticketTypes: z.array(TicketType), nextCursor })
              .openapi("TicketTypePage"),
            example: { ticketTypes: [ticketTypeExample], nextCursor: null },
          },
        },
      },
      ...problems,
    },
  });

export interface TicketTypesOptions {
  regions: readonly string[];
  readRows: ReadRows;
  lists: ReadLists;
}

export function addTicketTypes(
  app: OpenAPIHono<ApiEnv>,
  { regions, readRows, lists }: TicketTypesOptions,
) {
  app.openapi(ofOneEventRoute, async (c) => {
    const { eventId } = c.req.valid("param");
    const { events, ticketTypes } = await readRows({ eventId });
    refuseUnknown(eventId, events);
    return c.json({ ticketTypes: ticketTypes.filter((type) => type.eventId === eventId) }, 200);
  });

  app.openapi(listRoute(regions), async (c) => {
    const { limit, cursor, region, eventId } = c.req.valid("query");
    if (eventId !== undefined) {
      const { events, ticketTypes } = await readRows({ eventId });
      refuseUnknown(eventId, events);
      const fitting = ticketTypes.filter(
        (type) => type.eventId === eventId && (region === undefined || type.region === region),
      );
      const page = pageOf(fitting, orderOf(events), { limit, cursor });
      return c.json({ ticketTypes: page.rows, nextCursor: page.nextCursor }, 200);
    }
    const after = cursor && ([cursor[1], cursor[2], cursor[3]] as const);
    const { rows, next } = await lists.ticketTypes({ limit, after, region });
    const following = next && encodeCursor(["ticketType", ...next]);
    return c.json({ ticketTypes: rows, nextCursor: following }, 200);
  });
}

function orderOf(events: readonly EventRow[]): Order<TicketTypeRow, z.infer<typeof TicketTypeKey>> {
  const dates = new Map(events.map((event) => [event.eventId, Date.parse(event.eventDate)]));
  return {
    key: TicketTypeKey,
    keyOf: (type) => ["ticketType", dates.get(type.eventId) ?? 0, type.eventId, type.ticketTypeId],
  };
}
