import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { type EventsWanted, eventSorts, type Place } from "../../projections/queries/row-types.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "../files/table.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { nextCursor } from "../request/cursor.ts";
import { followingOf, listCursorOf, refuseOtherCursor } from "../request/list-cursor.ts";
import {
  fieldsOf,
  filtersOf,
  idsOf,
  refuseEmptyRanges,
  rowFilters,
  sortOf,
} from "../request/list-query.ts";
import { type ReadNamed, refuseUnknown } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { limitOf, queryOf } from "../request/query.ts";
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
import type { ReadLists, ReadPaces } from "./row-reads.ts";
import { comparablesOf, withPaces } from "./with-paces.ts";

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
        ids: idsOf("The events' ids; one that is not there has no row.", eventExample.eventId),
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
              .object({
                events: z.array(EventWithPace).openapi({ description: "In the order of `sort`." }),
                removed,
                nextCursor,
                nextUpdatedSince,
              })
              .openapi("EventPage"),
            example: {
              events: [eventWithPaceExample],
              nextCursor: null,
              nextUpdatedSince: sinceExample,
            },
          },
        },
      },
      ...problems,
    },
  });

type AskedEvents = z.output<ReturnType<typeof listRoute>["request"]["query"]>;

type PageWanted = Pick<EventsWanted, "limit" | "after">;

export interface EventsOptions {
  clock: Clock;
  logger: Logger;
  /** Of those events that are answered. */
  readPaces: ReadPaces;
  regions: readonly string[];
  named: ReadNamed;
  lists: ReadLists;
}

export function addEvents(
  app: OpenAPIHono<ApiEnv>,
  { clock, logger, regions, named, lists, readPaces }: EventsOptions,
) {
  app.openapi(listRoute(regions), async (c) => {
    const asked = c.req.valid("query");
    const { limit, cursor, updatedSince: since } = asked;
    refuseFuture(since, clock);
    const past = pastOf(asked, clock);
    await refuseUnknown(named, { comparables: asked.comparables }, past);
    const readPage = pagesOf(asked, past);
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

  /** Reads a list page by page. Whatever is by pace is of the hour that its first page was read in. */
  function pagesOf(asked: AskedEvents, past: { asOf: Date | undefined }) {
    const { sort, fields, cursor, vsUsualMin, vsUsualMax, updatedSince: since } = asked;
    const wanted = { ...filtersOf(asked), since, ...past };
    const pace = { vsUsualMin, vsUsualMax };
    const { comparables } = asked;
    let begunAt = cursor && readSince(cursor.since)?.at;

    return async (some: PageWanted) => {
      const page = await readSorted(some);
      refuseOtherDatabase(since, page);
      begunAt ??= page.at;
      const at = isPaceSort(sort) || isPaceWanted(pace) ? begunAt : undefined;
      const shown = { readPaces, fields, comparables, ...past, at };
      return { ...page, rows: await withPaces(page.rows, shown) };
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
}
