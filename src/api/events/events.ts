import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import {
  type EventRow,
  type EventsWanted,
  eventSorts,
  type Pace,
  type Place,
} from "../../projections/queries/row-types.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "../files/table.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { nextCursor } from "../request/cursor.ts";
import { followingOf, listCursorOf, refuseOtherCursor } from "../request/list-cursor.ts";
import {
  fieldsOf,
  fieldsOfRow,
  filtersOf,
  idsOf,
  possibleIds,
  refuseEmptyRanges,
  rowFilters,
  sortOf,
} from "../request/list-query.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { eventIdInPath, limitOf, queryOf } from "../request/query.ts";
import {
  nextUpdatedSince,
  readSince,
  refuseFuture,
  refuseOtherDatabase,
  sinceExample,
  updatedSinceOf,
} from "../request/updated-since.ts";
import { EventWithPace, eventExample, eventFields, eventWithPaceExample } from "./event-schema.ts";
import {
  type ByPace,
  isPaceSort,
  isPaceWanted,
  isRowSort,
  paceFilters,
  paceSorts,
  pageByPace,
  pageOfPace,
  refuseOddPaces,
} from "./events-by-pace.ts";
import type { ReadLists, ReadRows, ReadUnderShops } from "./row-reads.ts";
import { TicketType, ticketTypeExample } from "./ticket-type-schema.ts";
import { fitsOf, typeFilters } from "./types-of-event.ts";
import { shownUnderShop, UnderShop, underShopExample } from "./under-shop-schema.ts";

const removed = z.array(z.string()).optional().openapi({
  description:
    "With `updatedSince`: the ids of events that changed since and are not in the list any more, gone or left out by its filters. All of them are on the first page.",
  example: [],
});

const MOST = 200;

const sorts = { ...eventSorts, ...paceSorts } as const;

const listRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/events",
    operationId: "listEvents",
    tags: ["Events"],
    summary: "Events, by date or by any other column",
    description:
      "Every event of every account that the caller may see, with its totals and how fast it sells. Totals are of the classes that the operator counts: races and charities unless it says otherwise.",
    request: {
      query: queryOf({
        limit: limitOf(50, MOST),
        cursor: listCursorOf("events", sorts, 1),
        ...rowFilters(regions),
        ids: idsOf("The events' ids.", eventExample.eventId),
        ...asOf,
        sort: sortOf(
          sorts,
          "eventDate",
          "`last24Hours` and `last7Days` are by the `pace`, `vsUsual` by its `usual.pointsAhead`; all pages are of the hour that the first one was read in.",
        ),
        fields: fieldsOf(eventFields),
        updatedSince: updatedSinceOf(),
        comparables: comparablesOf(),
        ...paceFilters,
        ...tableForms,
      })
        .superRefine(refuseTwoCommas)
        .superRefine(refuseEmptyRanges)
        .superRefine(refuseOddPaces)
        .superRefine(refuseOtherCursor),
    },
    responses: {
      200: {
        description: "One page.",
        content: {
          "application/json": {
            schema: z
              .object({ events: z.array(EventWithPace), removed, nextCursor, nextUpdatedSince })
              .openapi("EventPage"),
            example: {
              events: [eventWithPaceExample],
              nextCursor: null,
              nextUpdatedSince: sinceExample,
            },
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

function comparablesOf() {
  return idsOf(
    "What `pace.usual` is compared with; without it the newest ten past events of the account, or of all accounts where it has fewer than three.",
    "68f000000000000000000002",
  );
}

export type ReadPaces = (
  events: readonly EventRow[],
  wanted: {
    comparables?: readonly string[] | undefined;
    asOf?: Date | undefined;
    /** Of this one's hour, and not of the hour that it is now. */
    at?: Date | undefined;
  },
) => Promise<ReadonlyMap<string, Pace>>;

type AskedEvents = z.output<ReturnType<typeof listRoute>["request"]["query"]>;

type PageWanted = Pick<EventsWanted, "limit" | "after">;

export interface EventsOptions {
  clock: Clock;
  logger: Logger;
  /** Of those events that are answered. */
  readPaces: ReadPaces;
  regions: readonly string[];
  readRows: ReadRows;
  readUnderShops: ReadUnderShops;
  lists: ReadLists;
}

export function addEvents(
  app: OpenAPIHono<ApiEnv>,
  { clock, logger, regions, readRows, readUnderShops, lists, readPaces }: EventsOptions,
) {
  app.openapi(listRoute(regions), async (c) => {
    const asked = c.req.valid("query");
    const { limit, cursor, updatedSince: since } = asked;
    refuseFuture(since, clock);
    const readPage = pagesOf(asked, pastOf(asked, clock));
    const file = await tableAnswer(c, asked, {
      logger,
      name: "events",
      example: eventWithPaceExample,
      read: (after?: Place) => readPage({ limit: MOST, after: after ?? cursor?.place }),
    });
    if (file) return file;
    const page = await readPage({ limit, after: cursor?.place });
    const gone = since && { removed: page.removed };
    return c.json({ events: page.rows, ...gone, ...followingOf("events", asked, page) }, 200);
  });

  app.openapi(oneRoute, async (c) => {
    const { eventId } = c.req.valid("param");
    const { fields, ...asked } = c.req.valid("query");
    const past = pastOf(asked, clock);
    const { events, ticketTypes } = await readRows({ eventId, ...past });
    const event = events.find((one) => one.eventId === eventId);
    if (!event) throw new Failure("missing", "There is no such event.");
    const fits = fitsOf(asked, event);
    const types = ticketTypes.filter((type) => type.eventId === eventId && fits(type));
    const isShown = (name: string) => fields?.includes(name) ?? true;
    const shops = past.asOf || !isShown("underShops") ? undefined : await readUnderShops(eventId);
    const underShops = shops?.map(shownUnderShop) ?? null;
    const [shown] = await withPaces([{ ...event, ticketTypes: types, underShops }], fields, {
      ...asked,
      ...past,
    });
    if (!shown) throw new Error("an event was lost");
    return c.json(shown, 200);
  });

  /** Reads a list page by page. Whatever is by pace is of the hour that its first page was read in. */
  function pagesOf(asked: AskedEvents, past: { asOf: Date | undefined }) {
    const { sort, fields, cursor, vsUsualMin, vsUsualMax, updatedSince: since } = asked;
    const wanted = { ...filtersOf(asked), since, ...past };
    const pace = { vsUsualMin, vsUsualMax };
    const comparables = possibleIds(asked.comparables);
    let begunAt = cursor && readSince(cursor.since)?.at;

    return async (some: PageWanted) => {
      const page = await readSorted(some);
      refuseOtherDatabase(since, page);
      begunAt ??= page.at;
      const at = isPaceSort(sort) || isPaceWanted(pace) ? begunAt : undefined;
      return { ...page, rows: await withPaces(page.rows, fields, { ...asked, ...past, at }) };
    };

    function readSorted(some: PageWanted) {
      const by: ByPace = {
        lists,
        begunAt,
        readPaces: (rows, at) => readPaces(rows, { comparables, ...past, at }),
      };
      if (isPaceSort(sort)) return pageByPace({ ...wanted, ...some, ...pace, sort }, by);
      if (!isRowSort(sort)) throw new Error("a sort is by a row or by its pace");
      return isPaceWanted(pace)
        ? pageOfPace({ ...wanted, ...some, ...pace, sort }, by)
        : lists.events({ ...wanted, ...some, sort });
    }
  }

  /** The rows as they are asked for; nobody's pace is worked out to be left out. */
  async function withPaces<Row extends EventRow>(
    rows: readonly Row[],
    fields: readonly string[] | undefined,
    {
      comparables,
      asOf,
      at,
    }: { comparables?: string[] | undefined; asOf: Date | undefined; at?: Date | undefined },
  ): Promise<(Row & { pace: Pace })[]> {
    const isWanted = fields?.includes("pace") ?? true;
    const paces = isWanted
      ? await readPaces(rows, { comparables: possibleIds(comparables), asOf, at })
      : undefined;
    return rows.map((row) => {
      // The cast: where it is not wanted it is left out.
      const pace = paces?.get(row.eventId) as Pace;
      return fieldsOfRow({ ...row, pace }, fields);
    });
  }
}
