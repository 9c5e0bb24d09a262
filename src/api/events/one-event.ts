import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { fieldsOf, fieldsOfRow } from "../request/list-query.ts";
import { noSuchEvent, type ReadNamed, refuseUnknown } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { eventIdInPath, queryOf } from "../request/query.ts";
import { EventWithPace, eventFields, eventWithPaceExample } from "./event-schema.ts";
import type { ReadPaces, ReadRows, ReadUnderShops } from "./row-reads.ts";
import { TicketType, ticketTypeExample } from "./ticket-type-schema.ts";
import { fitsOf, typeFilters } from "./types-of-event.ts";
import { shownUnderShop, UnderShop, underShopExample } from "./under-shop-schema.ts";
import { comparablesOf, withPaces } from "./with-paces.ts";

const oneEventRoute = createRoute({
  method: "get",
  path: "/api/events/{eventId}",
  operationId: "readEvent",
  tags: ["Events"],
  summary: "One event with its ticket types",
  description: "The same row as in the list, and all that the event sells or sold.",
  request: {
    params: eventIdInPath,
    query: queryOf({
      ...typeFilters,
      ...asOf,
      fields: fieldsOf([...eventFields, "ticketTypes", "underShops"]),
      comparables: comparablesOf(),
    }),
  },
  responses: {
    200: {
      description: "The event, with those of its ticket types that are asked for.",
      content: {
        "application/json": {
          schema: EventWithPace.extend({
            ticketTypes: z
              .array(TicketType)
              .openapi({ description: "In the event's own order.", example: [ticketTypeExample] }),
            underShops: z
              .array(UnderShop)
              .nullable()
              .openapi({
                description:
                  "The shops that its places are sold through beside its own, by their names; null with `as_of`.",
                example: [underShopExample],
              }),
          }).openapi("EventInFull"),
          example: {
            ...eventWithPaceExample,
            ticketTypes: [ticketTypeExample],
            underShops: [underShopExample],
          },
        },
      },
    },
    ...problems,
  },
});

export interface OneEventOptions {
  clock: Clock;
  named: ReadNamed;
  readRows: ReadRows;
  readUnderShops: ReadUnderShops;
  readPaces: ReadPaces;
}

export function addOneEvent(
  app: OpenAPIHono<ApiEnv>,
  { clock, named, readRows, readUnderShops, readPaces }: OneEventOptions,
) {
  app.openapi(oneEventRoute, async (c) => {
    const { eventId } = c.req.valid("param");
    const { fields, ...asked } = c.req.valid("query");
    const past = pastOf(asked, clock);
    const rows = await readRows({ eventId, ...past });
    const { events, ticketTypes } = rows;
    const event = events.find((one) => one.eventId === eventId);
    if (!event) throw noSuchEvent(eventId, past);
    await refuseUnknown(named, { comparables: asked.comparables }, past);
    const fits = fitsOf(asked, event);
    const types = ticketTypes.filter((type) => type.eventId === eventId && fits(type));
    const isShown = (name: string) => fields?.includes(name) ?? true;
    const { comparables } = asked;
    const [shops, [shown]] = await Promise.all([
      past.asOf || !isShown("underShops") ? undefined : readUnderShops(eventId, rows),
      withPaces([{ ...event, ticketTypes: types }], { readPaces, fields, comparables, ...past }),
    ]);
    if (!shown) throw new Error("an event was lost");
    const underShops = shops?.map(shownUnderShop) ?? null;
    return c.json(fieldsOfRow({ ...shown, underShops }, fields), 200);
  });
}
