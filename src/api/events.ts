import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { Failure } from "../lib/failure.ts";
import { eventSorts } from "../projections/queries/row-types.ts";
import { nextCursor } from "./cursor.ts";
import { Event, eventExample, eventFields } from "./event-schema.ts";
import { listCursorOf, nextOf, refuseOtherCursor } from "./list-cursor.ts";
import {
  fieldsOf,
  fieldsOfRow,
  filtersOf,
  idsOf,
  refuseEmptyRanges,
  rowFilters,
  sortOf,
} from "./list-query.ts";
import { type ApiEnv, problems } from "./problem.ts";
import { eventIdInPath, limitOf, queryOf } from "./query.ts";
import type { ReadLists, ReadRows } from "./row-reads.ts";
import { TicketType, ticketTypeExample } from "./ticket-type-schema.ts";
import { fitsOf, typeFilters } from "./types-of-event.ts";

const listRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/events",
    operationId: "listEvents",
    tags: ["Events"],
    summary: "Events, by date or by any other column",
    request: {
      query: queryOf({
        limit: limitOf(50, 200),
        cursor: listCursorOf("events", eventSorts, 1),
        ...rowFilters(regions),
        ids: idsOf("The events' ids.", eventExample.eventId),
        sort: sortOf(eventSorts, "eventDate"),
        fields: fieldsOf(eventFields),
      })
        .superRefine(refuseEmptyRanges)
        .superRefine(refuseOtherCursor),
    },
    responses: {
      200: {
        description: "One page.",
        content: {
          "application/json": {
            schema: z.object({ events: z.array(Event), nextCursor }).openapi("EventPage"),
            example: { events: [eventExample], nextCursor: null },
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
  request: {
    params: eventIdInPath,
    query: queryOf({ ...typeFilters, fields: fieldsOf([...eventFields, "ticketTypes"]) }),
  },
  responses: {
    200: {
      description: "The event, with those of its ticket types that are asked for.",
      content: {
        "application/json": {
          schema: Event.extend({
            ticketTypes: z
              .array(TicketType)
              .openapi({ description: "In the event's own order.", example: [ticketTypeExample] }),
          }).openapi("EventInFull"),
          example: { ...eventExample, ticketTypes: [ticketTypeExample] },
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
    const asked = c.req.valid("query");
    const { limit, sort, cursor, fields } = asked;
    const wanted = { ...filtersOf(asked), limit, sort, after: cursor?.place };
    const { rows, next } = await lists.events(wanted);
    const events = rows.map((row) => fieldsOfRow(row, fields));
    return c.json({ events, nextCursor: nextOf("events", asked, next) }, 200);
  });

  app.openapi(oneRoute, async (c) => {
    const { eventId } = c.req.valid("param");
    const { fields, ...asked } = c.req.valid("query");
    const { events, ticketTypes } = await readRows({ eventId });
    const event = events.find((one) => one.eventId === eventId);
    if (!event) throw new Failure("missing", "There is no such event.");
    const fits = fitsOf(asked, event);
    const types = ticketTypes.filter((type) => type.eventId === eventId && fits(type));
    return c.json(fieldsOfRow({ ...event, ticketTypes: types }, fields), 200);
  });
}
