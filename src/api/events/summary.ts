import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { NextEvent, RowFilters, SummaryPart } from "../../projections/queries/row-types.ts";
import { percentOf } from "../../rules/capacity.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { filtersOf, idsOf, refuseEmptyRanges, rowFilters } from "../request/list-query.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { queryOf } from "../request/query.ts";

const Places = z.int();
const Instant = z.iso.datetime();

const Next = z
  .object({
    at: Instant.openapi({ description: "When it begins, UTC." }),
    eventId: z.string().openapi({ description: "Vivenu's id." }),
    eventName: z.string().openapi({ description: "As Vivenu has it." }),
  })
  .nullable()
  .openapi("NextEvent", { description: "Null where none is to come." });

const Summary = z
  .object({
    events: z.int().openapi({ description: "Those that fit, with those that hold others." }),
    counted: z.int().openapi({
      description: "Those that the numbers are of: they were counted, and hold no others.",
    }),
    byStatus: z.record(z.string(), z.int()).openapi({
      description: "How many events have each status; one that none has is left out.",
    }),
    totalCapacity: Places.openapi({ description: "Of these events together, in places." }),
    totalSold: Places.openapi({ description: "Sold race entries, charity places among them." }),
    totalAvailable: Places.openapi({
      description: "What the capacity leaves, also of ticket types that are switched off.",
    }),
    availableToBuy: Places.openapi({
      description: "Of `totalAvailable`, what can be bought now.",
    }),
    percentSold: z.number().nullable().openapi({
      description:
        "`totalSold` of `totalCapacity`, in percent with two decimals; null where that is 0.",
    }),
    reserved: Places.openapi({
      description: "Reserved and unpaid tickets of types in the totals.",
    }),
    heldForUnderShops: Places.openapi({
      description: "Places of the capacity that tickets of types outside of the totals took.",
    }),
    oversoldPlaces: Places.openapi({
      description:
        "Always: `totalCapacity` = `totalSold` + `reserved` + `heldForUnderShops` + `totalAvailable` - `oversoldPlaces`.",
    }),
    charityCapacity: Places.openapi({ description: "Of `totalCapacity`, places of charities." }),
    charitySold: Places.openapi({ description: "Of `totalSold`, places of charities." }),
    charityAvailable: Places.openapi({ description: "Of `totalAvailable`, places of charities." }),
    countedAt: Instant.nullable().openapi({
      description: "When the oldest of the counts began that the numbers are of.",
    }),
    nextLaunch: Next.openapi({ description: "The next sale to begin." }),
    nextRace: Next.openapi({ description: "The next race to begin." }),
  })
  .openapi("Summary");
type Summary = z.infer<typeof Summary>;

const RegionSummary = Summary.extend({
  region: z.string().openapi({ description: "The account." }),
}).openapi("RegionSummary");

const example: Summary = {
  events: 2,
  counted: 2,
  byStatus: { ANNOUNCED: 1, ON_SALE: 1 },
  totalCapacity: 18_600,
  totalSold: 5_431,
  totalAvailable: 13_169,
  availableToBuy: 3_410,
  percentSold: 29.2,
  reserved: 12,
  heldForUnderShops: 0,
  oversoldPlaces: 12,
  charityCapacity: 600,
  charitySold: 212,
  charityAvailable: 388,
  countedAt: "2026-02-12T11:00:04.000Z",
  nextLaunch: {
    at: "2026-03-03T11:00:00.000Z",
    eventId: "68f000000000000000000002",
    eventName: "HYROX Hamburg",
  },
  nextRace: {
    at: "2026-09-12T06:00:00.000Z",
    eventId: "68f000000000000000000001",
    eventName: "HYROX Frankfurt",
  },
};

const request = (regions: readonly string[]) => ({
  query: queryOf({
    ...rowFilters(regions),
    ids: idsOf("The events' ids; one that is not there is in no sum.", "68f000000000000000000001"),
    ...asOf,
  }).superRefine(refuseEmptyRanges),
});

const { 400: unreadable, 401: withoutKey, 500: defect, 503: gone } = problems;
const failures = { 400: unreadable, 401: withoutKey, 500: defect, 503: gone };

const summaryRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/summary",
    operationId: "readSummary",
    tags: ["Events"],
    summary: "What all events that fit come to together",
    description:
      "Numbers are of events that were counted and hold no others, so that no ticket is in a sum twice.",
    request: request(regions),
    responses: {
      200: {
        description: "The sum of what `GET /api/events` lists with the same filters.",
        content: { "application/json": { schema: Summary, example } },
      },
      ...failures,
    },
  });

const regionsRoute = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/regions",
    operationId: "listRegions",
    tags: ["Events"],
    summary: "The same for each account",
    description: "One summary for each seller account, those without events as well.",
    request: request(regions),
    responses: {
      200: {
        description: "Every account that is configured or has events, by name.",
        content: {
          "application/json": {
            schema: z
              .object({ regions: z.array(RegionSummary).openapi({ description: "By name." }) })
              .openapi("Regions"),
            example: { regions: [{ region: "DACH", ...example }] },
          },
        },
      },
      ...failures,
    },
  });

export interface SummaryOptions {
  clock: Clock;
  regions: readonly string[];
  readSummary: (wanted: RowFilters & { asOf?: Date | undefined }) => Promise<SummaryPart[]>;
}

export function addSummary(
  app: OpenAPIHono<ApiEnv>,
  { clock, regions, readSummary }: SummaryOptions,
) {
  app.openapi(summaryRoute(regions), async (c) => {
    const asked = c.req.valid("query");
    const parts = await readSummary({ ...filtersOf(asked), ...pastOf(asked, clock) });
    return c.json(sumOf(parts), 200);
  });

  app.openapi(regionsRoute(regions), async (c) => {
    const asked = c.req.valid("query");
    const parts = await readSummary({ ...filtersOf(asked), ...pastOf(asked, clock) });
    const byRegion = Map.groupBy(parts, ({ region }) => region);
    const names = new Set([...(asked.region ?? regions), ...byRegion.keys()]);
    const all = [...names].sort().map((region) => ({
      region,
      ...sumOf(byRegion.get(region) ?? []),
    }));
    return c.json({ regions: all }, 200);
  });
}

function sumOf(parts: readonly SummaryPart[]): Summary {
  const sum = (of: (part: SummaryPart) => number) =>
    parts.reduce((total, part) => total + of(part), 0);
  const byStatus: Record<string, number> = {};
  for (const { status, events } of parts) byStatus[status] = (byStatus[status] ?? 0) + events;
  const totalCapacity = sum((part) => part.totalCapacity);
  const totalSold = sum((part) => part.totalSold);
  return {
    events: sum((part) => part.events),
    counted: sum((part) => part.counted),
    byStatus,
    totalCapacity,
    totalSold,
    totalAvailable: sum((part) => part.totalAvailable),
    availableToBuy: sum((part) => part.availableToBuy),
    percentSold: percentOf(totalSold, totalCapacity),
    reserved: sum((part) => part.reserved),
    heldForUnderShops: sum((part) => part.heldForUnderShops),
    oversoldPlaces: sum((part) => part.oversoldPlaces),
    charityCapacity: sum((part) => part.charityCapacity),
    charitySold: sum((part) => part.charitySold),
    charityAvailable: sum((part) => part.charityAvailable),
    countedAt: isoOf(earliest(parts.flatMap(({ countedAt }) => countedAt ?? []))),
    nextLaunch: nextOf(parts.flatMap(({ nextLaunch }) => nextLaunch ?? [])),
    nextRace: nextOf(parts.flatMap(({ nextRace }) => nextRace ?? [])),
  };
}

const earliest = (instants: readonly string[]) =>
  instants.map((text) => Date.parse(text)).sort((one, other) => one - other)[0];

const isoOf = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());

function nextOf(events: readonly NextEvent[]): NextEvent | null {
  const [next] = events
    .map((event) => ({ ...event, at: new Date(event.at).toISOString() }))
    .sort((one, other) => (one.at < other.at ? -1 : 1));
  return next ?? null;
}
