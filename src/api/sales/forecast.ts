import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import { type ForecastPage, salesHistories } from "../../projections/queries/row-types.ts";
import { outlooks, unknownReasons } from "../../rules/forecast/forecast.ts";
import { methods } from "../../rules/forecast/methods.ts";
import { stretches } from "../../rules/forecast/stretches.ts";
import type { ReadOfEvent } from "../events/row-reads.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { namedIdsOf } from "../request/list-query.ts";
import { noSuchEvent, type ReadNamed, refuseUnknown } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { eventIdInPath, queryOf } from "../request/query.ts";
import { forecastBody } from "./forecast-body.ts";

const EIGHT_OF_TEN = "Eight of ten times it is from `low` to `high`.";

const Places = z
  .object({
    expected: z.int().openapi({ description: "What is expected." }),
    low: z.int().openapi({ description: "The lower end of what holds eight of ten times." }),
    high: z.int().openapi({ description: "The upper end of it." }),
  })
  .openapi("ForecastPlaces");

const Instant = z.iso.datetime().nullable();

const Dates = z
  .object({
    expected: Instant.openapi({ description: "What is expected. UTC." }),
    low: Instant.openapi({ description: "The early end of what holds eight of ten times. UTC." }),
    high: Instant.openapi({ description: "The late end of it. UTC." }),
  })
  .openapi("ForecastDates");

const Tested = z
  .object({
    stretch: z
      .enum(stretches)
      .openapi({ description: "Whole days after launch; `0` is its first 24 hours." }),
    events: z.int().openapi({ description: "Past events that were forecast as a test." }),
    errorPercent: z.number().nullable().openapi({
      description: "Mean error of what was sold in the end, in percent of the places.",
    }),
    lineErrorPercent: z.number().nullable().openapi({ description: "A straight line's." }),
    paceErrorPercent: z.number().nullable().openapi({ description: "The last 7 days' pace's." }),
    heldPercent: z.number().nullable().openapi({
      description: "How often of a hundred what came was from `low` to `high`.",
    }),
  })
  .openapi("ForecastTested");

const Forecast = z
  .object({
    eventId: z.string().openapi({ description: "Vivenu's id." }),
    at: z.iso.datetime().openapi({ description: "What was known then, UTC." }),
    known: z.boolean().openapi({ description: "False, with `reason`, where it cannot be known." }),
    reason: z.enum(unknownReasons).nullable().openapi({ description: "Null where it is known." }),
    words: z.string().nullable().openapi({ description: "The reason as a sentence for people." }),
    history: z.enum(salesHistories).openapi({
      description:
        "`stored`: forecast by real past events. `played`: by what `dev`'s played Vivenu sold, which says nothing of real ones.",
    }),
    method: z.enum(methods).nullable().openapi({
      description:
        "`A`: by how past events went on. `B`: mixed with the last 7 days' pace. `C`: by that pace alone. Whatever the backtest found best at this time after launch.",
    }),
    sold: z.int().nullable().openapi({ description: "Tickets at `at`." }),
    capacity: z.int().nullable().openapi({ description: "Places." }),
    final: Places.nullable().openapi({
      description: `Tickets at the end of the sale. ${EIGHT_OF_TEN}`,
    }),
    sellsOut: z.enum(outlooks).nullable().openapi({
      description:
        "Whether it sells out. `likely`: at `sellsOutAt`. `perhaps`: past events lead it there, but too few of those that were led there did sell out, or too few are known, for a day to be told. `hardly`: less is expected than there are places.",
    }),
    sellsOutAt: Dates.nullable().openapi({
      description: `When the last place goes. ${EIGHT_OF_TEN} One that is null is after the end of the sale, or cannot be told.`,
    }),
    comparables: z.array(z.string()).openapi({
      description: "Ids of the past events that it is forecast by, the most alike first.",
    }),
    tested: Tested.nullable().openapi({
      description: "What the backtest found out about forecasts at this time after launch.",
    }),
  })
  .openapi("Forecast");

export type ForecastBody = z.infer<typeof Forecast>;

const example: ForecastBody = {
  eventId: "68f000000000000000000001",
  at: "2026-02-12T11:00:00.000Z",
  known: true,
  reason: null,
  words: null,
  history: "stored",
  method: "A",
  sold: 5431,
  capacity: 9300,
  final: { expected: 8900, low: 8210, high: 9300 },
  sellsOut: "hardly",
  sellsOutAt: { expected: null, low: "2026-04-12T09:30:00.000Z", high: null },
  comparables: ["68f000000000000000000002", "68f000000000000000000003"],
  tested: {
    stretch: "7-13",
    events: 14,
    errorPercent: 7.2,
    lineErrorPercent: 15.1,
    paceErrorPercent: 9.8,
    heldPercent: 85.71,
  },
};

const route = createRoute({
  method: "get",
  path: "/api/events/{eventId}/forecast",
  operationId: "readForecastOfEvent",
  tags: ["Sales"],
  summary: "What one event will have sold in the end, and when it sells out",
  description:
    "By how past events that are like it went on after the same share of their selling time. Shown only where a backtest over the past events proves it better than a straight line and the last week's pace; else `known` is false and `reason` says why.",
  request: {
    params: eventIdInPath,
    query: queryOf({
      ...asOf,
      comparables: namedIdsOf(
        "The past events to forecast by; without it those that are most alike.",
        "68f000000000000000000002,68f000000000000000000003",
      ),
    }),
  },
  responses: {
    200: {
      description: "What is known, or why it is not.",
      content: { "application/json": { schema: Forecast, example } },
    },
    ...problems,
  },
});

export interface ForecastWanted {
  asOf: Date | undefined;
  comparables: readonly string[] | undefined;
}

export interface ForecastRouteOptions {
  clock: Clock;
  named: ReadNamed;
  /** Undefined where there is no such event. */
  readForecast: ReadOfEvent<ForecastWanted, ForecastPage>;
}

export function addForecast(
  app: OpenAPIHono<ApiEnv>,
  { clock, named, readForecast }: ForecastRouteOptions,
) {
  app.openapi(route, async (c) => {
    const { eventId } = c.req.valid("param");
    const asked = c.req.valid("query");
    const { comparables } = asked;
    const past = pastOf(asked, clock);
    await refuseUnknown(named, { eventId: [eventId], comparables }, past);
    const page = await readForecast(eventId, { ...past, comparables });
    if (!page) throw noSuchEvent(eventId, past);
    return c.json(forecastBody(eventId, page), 200);
  });
}
