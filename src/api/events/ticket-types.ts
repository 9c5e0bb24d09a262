import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { type Place, ticketTypeSorts } from "../../projections/queries/row-types.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "../files/table.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { nextCursor } from "../request/cursor.ts";
import { followingOf, listCursorOf, refuseOtherCursor } from "../request/list-cursor.ts";
import {
  fieldsOf,
  fieldsOfRow,
  filtersOf,
  idsOf,
  namedIdsOf,
  refuseEmptyRanges,
  rowFilters,
  sortOf,
} from "../request/list-query.ts";
import { noSuchEvent, type ReadNamed, refuseUnknown } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { eventIdInPath, limitOf, queryOf } from "../request/query.ts";
import {
  nextUpdatedSince,
  refuseFuture,
  refuseOtherDatabase,
  sinceExample,
  updatedSinceOf,
} from "../request/updated-since.ts";
import type { ReadLists, ReadRows } from "./row-reads.ts";
import { TicketType, ticketTypeExample, ticketTypeFields } from "./ticket-type-schema.ts";
import { fitsOf, typeFilters } from "./types-of-event.ts";

const removed = z
  .array(
    z.object({
      eventId: z.string().openapi({ description: "Of its event." }),
      ticketTypeId: z.string().openapi({ description: "Its own." }),
    }),
  )
  .optional()
  .openapi({
    description:
      "With `updatedSince`: ticket types that changed since and are not in the list any more, gone or left out by its filters. All of them are on the first page.",
    example: [],
  });

const ofOneEventRoute = createRoute({
  method: "get",
  path: "/api/events/{eventId}/ticket-types",
  operationId: "readTicketTypesOfEvent",
  tags: ["Ticket types"],
  summary: "All ticket types of one event",
  description: "What the event sells, and what it sold and no longer has.",
  request: {
    params: eventIdInPath,
    query: queryOf({ ...typeFilters, ...asOf, fields: fieldsOf(ticketTypeFields) }),
  },
  responses: {
    200: {
      description: "Its ticket types, in the event's own order.",
      content: {
        "application/json": {
          schema: z
            .object({
              ticketTypes: z
                .array(TicketType)
                .openapi({ description: "In the event's own order." }),
            })
            .openapi("TicketTypesOfEvent"),
          example: { ticketTypes: [ticketTypeExample] },
        },
      },
    },
    ...problems,
  },
});

const MOST = 1_000;

const listRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/ticket-types",
    operationId: "listTicketTypes",
    tags: ["Ticket types"],
    summary: "Ticket types of all events, by the event's date or by any other column",
    description: "What all events sell, and what they sold and no longer have.",
    request: {
      query: queryOf({
        limit: limitOf(200, MOST),
        cursor: listCursorOf("ticketTypes", ticketTypeSorts, 2),
        ...rowFilters(regions),
        eventId: namedIdsOf("Only of these events.", ticketTypeExample.eventId),
        ids: idsOf(
          "The ticket types' ids; one that is not there has no row.",
          ticketTypeExample.ticketTypeId,
        ),
        ...asOf,
        sort: sortOf(ticketTypeSorts, "eventDate"),
        fields: fieldsOf(ticketTypeFields),
        updatedSince: updatedSinceOf(),
        ...tableForms,
      })
        .superRefine(refuseTwoCommas)
        .superRefine(refuseEmptyRanges)
        .superRefine(refuseOtherCursor),
    },
    responses: {
      200: {
        description: "One page.",
        content: {
          "application/json": {
            schema: z
              .object({
                ticketTypes: z
                  .array(TicketType)
                  .openapi({ description: "In the order of `sort`." }),
                removed,
                nextCursor,
                nextUpdatedSince,
              })
              .openapi("TicketTypePage"),
            example: {
              ticketTypes: [ticketTypeExample],
              nextCursor: null,
              nextUpdatedSince: sinceExample,
            },
          },
        },
      },
      ...problems,
    },
  });

export interface TicketTypesOptions {
  clock: Clock;
  logger: Logger;
  regions: readonly string[];
  named: ReadNamed;
  readRows: ReadRows;
  lists: ReadLists;
}

export function addTicketTypes(
  app: OpenAPIHono<ApiEnv>,
  { clock, logger, regions, named, readRows, lists }: TicketTypesOptions,
) {
  app.openapi(ofOneEventRoute, async (c) => {
    const { eventId } = c.req.valid("param");
    const { fields, ...asked } = c.req.valid("query");
    const past = pastOf(asked, clock);
    const { events, ticketTypes } = await readRows({ eventId, ...past });
    const event = events.find((one) => one.eventId === eventId);
    if (!event) throw noSuchEvent(eventId, past);
    const fits = fitsOf(asked, event);
    const types = ticketTypes
      .filter((type) => type.eventId === eventId && fits(type))
      .map((type) => fieldsOfRow(type, fields));
    return c.json({ ticketTypes: types }, 200);
  });

  app.openapi(listRoute(regions), async (c) => {
    const asked = c.req.valid("query");
    const { limit, sort, cursor, fields, eventId, updatedSince: since } = asked;
    refuseFuture(since, clock);
    const past = pastOf(asked, clock);
    await refuseUnknown(named, { eventId }, past);
    const wanted = {
      ...filtersOf(asked),
      limit,
      sort,
      since,
      after: cursor?.place,
      ...past,
    };
    const file = await tableAnswer(c, asked, {
      logger,
      name: "ticket-types",
      example: ticketTypeExample,
      async read(after?: Place) {
        const behind = { limit: MOST, after: after ?? wanted.after };
        const page = await lists.ticketTypes({ ...wanted, ...behind });
        refuseOtherDatabase(since, page);
        return { ...page, rows: page.rows.map((row) => fieldsOfRow(row, fields)) };
      },
    });
    if (file) return file;
    const page = await lists.ticketTypes(wanted);
    refuseOtherDatabase(since, page);
    const ticketTypes = page.rows.map((row) => fieldsOfRow(row, fields));
    const gone = since && { removed: page.removed };
    return c.json({ ticketTypes, ...gone, ...followingOf("ticketTypes", asked, page) }, 200);
  });
}
