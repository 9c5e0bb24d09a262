import type { z } from "zod";
import type { ApiOptions } from "../../api/app.ts";
import {
  type ByPace,
  isPaceSort,
  isPaceWanted,
  isRowSort,
  paceFilters,
  paceSorts,
  pageByPace,
  pageOfPace,
} from "../../api/events/events-by-pace.ts";
import { type ListCursor, listCursorOf, refuseOtherCursor } from "../../api/request/list-cursor.ts";
import { filtersOf, rowFilters, sortOf } from "../../api/request/list-query.ts";
import { limitOf } from "../../api/request/query.ts";
import { readSince } from "../../api/request/updated-since.ts";
import {
  type EventRow,
  type EventsWanted,
  eventSorts,
  type ForecastPage,
  type LaunchRow,
  type ListPage,
  type Pace,
  type SoldCurve,
  type SummaryPart,
} from "../../projections/queries/row-types.ts";
import { willBe } from "../../rules/called-off.ts";
import { type StatusName, statusNamesOfOpenSales } from "../../rules/event-status.ts";
import type { Look } from "../look.ts";
import { daysUntil } from "../words.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RIBBON_MS = 56 * DAY_MS;
/** A sale is launching from two days before until a day after. */
const BEFORE_LAUNCH_MS = 48 * HOUR_MS;
const AFTER_LAUNCH_MS = 24 * HOUR_MS;
const PAST_SHOWN = 30;
const CURVE_POINTS = 40;

export type Readers = Pick<
  ApiOptions,
  "lists" | "readPaces" | "readCurves" | "readSellOuts" | "readSummary" | "readLaunches"
>;

/** What the API sorts events by. */
export const pageSorts = { ...eventSorts, ...paceSorts } as const;

/** What the address of the view says, in the API's own words. */
export const eventsQuery = (regions: readonly string[]) => {
  const { region, status, q, from, to, percentSoldMin, percentSoldMax } = rowFilters(regions);
  return {
    region,
    status,
    q,
    from,
    to,
    percentSoldMin,
    percentSoldMax,
    ...paceFilters,
    sort: sortOf(pageSorts, "eventDate"),
    limit: limitOf(100, 200),
    cursor: listCursorOf("events", pageSorts, 1),
  };
};

export interface AskedEvents extends z.infer<z.ZodObject<ReturnType<typeof eventsQuery>>> {
  cursor?: ListCursor | undefined;
  as_of?: Date | undefined;
}

/** The statuses of each choice above the table, each in one of them. */
export const choices = {
  onSale: statusNamesOfOpenSales,
  toLaunch: ["ANNOUNCED", "DRAFT"],
  closed: ["SALES_CLOSED"],
  past: ["ENDED", "CANCELLED"],
} as const satisfies Record<string, readonly StatusName[]>;

const isOneOf = (statuses: readonly string[], { status }: EventRow) => statuses.includes(status);

export type GroupName = "launching" | "onSale" | "announced" | "closed" | "series" | "past";

export interface ShownGroup {
  name: GroupName;
  rows: EventRow[];
  /** How many there are, where not all are shown. */
  of: number;
  /** Others of its kind are launching, and stand above. */
  isRest?: boolean;
}

export interface EventsRead {
  /** Undefined where rows are sorted or chosen by status: then they are one list. */
  groups: ShownGroup[] | undefined;
  page: ListPage<EventRow, string>;
  paces: ReadonlyMap<string, Pace>;
  curves: ReadonlyMap<string, SoldCurve>;
  /** Of those on sale whose forecast is worked out. */
  sellOuts: ReadonlyMap<string, ForecastPage>;
  /** By the filters, apart from the status and the pace: what there is to choose. */
  parts: SummaryPart[];
  /** Chosen by pace: of how many, and what they come to together, `parts` says nothing. */
  isOfPace: boolean;
  launches: ReadonlyMap<string, LaunchRow>;
  coming: { at: number; kind: "launch" | "race"; name: string }[];
}

/** All that the view shows, by the readers that the API has. */
export async function readEvents(
  readers: Readers,
  look: Look,
  asked: AskedEvents,
): Promise<EventsRead> {
  const { now, asOf } = look;
  const filters = filtersOf(asked);
  const { vsUsualMin, vsUsualMax } = asked;
  const isOfPace = isPaceWanted(asked);
  const isPlain = !look.query.get("sort") && !asked.status && !asked.cursor && !isOfPace;
  const { limit, sort, cursor } = asked;
  const wanted = { ...filters, limit, after: cursor?.place, asOf };
  const current = [...choices.onSale, ...choices.toLaunch, ...choices.closed, "GROUP"];
  const day = (ms: number) => new Date(now.getTime() + ms).toISOString().slice(0, 10);
  const [page, past, parts, launches, races] = await Promise.all([
    readSorted(isPlain ? { ...wanted, statuses: current } : wanted),
    isPlain ? readPast() : undefined,
    readers.readSummary({ ...filters, statuses: undefined, asOf }),
    readers.readLaunches({
      from: new Date(now.getTime() - AFTER_LAUNCH_MS),
      asOf,
      limit: 200,
      to: new Date(now.getTime() + RIBBON_MS),
    }),
    readers.lists.events({ fromDay: day(0), toDay: day(RIBBON_MS), limit: 100, asOf }),
  ]);
  const rows = [...page.rows, ...(past?.rows ?? [])];
  const [paces, curves, sellOuts] = await Promise.all([
    readers.readPaces(rows, { asOf }),
    readers.readCurves({ eventIds: rows.map((row) => row.eventId), points: CURVE_POINTS, asOf }),
    readers.readSellOuts(
      rows.filter(({ status }) => status === "ON_SALE"),
      asOf,
    ),
  ]);
  return {
    page,
    paces,
    curves,
    sellOuts,
    parts,
    isOfPace,
    groups: past && groupsOf(page.rows, past.rows, { now, parts }),
    launches: new Map(launches.rows.map((row) => [row.eventId, row])),
    coming: [
      ...launches.rows.filter(willBe).map((row) => comingOf("launch", row.salesLaunchDate, row)),
      ...races.rows.filter(willBe).map((row) => comingOf("race", row.eventDate, row)),
    ],
  };

  function readSorted(of: Omit<EventsWanted, "sort">) {
    const by: ByPace = {
      lists: readers.lists,
      begunAt: cursor && readSince(cursor.since)?.at,
      readPaces: (rows, at) => readers.readPaces(rows, { asOf, at }),
    };
    const pace = { vsUsualMin, vsUsualMax };
    if (isPaceSort(sort)) return pageByPace({ ...of, ...pace, sort }, by);
    if (!isRowSort(sort)) throw new Error("a sort is by a row or by its pace");
    return isOfPace
      ? pageOfPace({ ...of, ...pace, sort }, by)
      : readers.lists.events({ ...of, sort });
  }

  function readPast() {
    const statuses = choices.past;
    const latest = { by: "eventDate", isDescending: true } as const;
    return readers.lists.events({ ...filters, statuses, sort: latest, limit: PAST_SHOWN, asOf });
  }
}

const comingOf = (kind: "launch" | "race", at: string, { eventName }: { eventName: string }) => ({
  at: Date.parse(at),
  kind,
  // Beside each other all of them are of one series.
  name: eventName.replace(/^HYROX /, "").replace(/ 20\d\d$/, ""),
});

function groupsOf(
  rows: readonly EventRow[],
  past: readonly EventRow[],
  { now, parts }: { now: Date; parts: readonly SummaryPart[] },
): ShownGroup[] {
  const by = Map.groupBy(rows, (row) => groupOf(row, now));
  const inAll = (statuses: readonly string[]) =>
    parts.reduce((sum, part) => sum + (statuses.includes(part.status) ? part.events : 0), 0);
  const shown = (name: GroupName): ShownGroup => {
    const found = by.get(name) ?? [];
    return { name, rows: found, of: found.length };
  };
  const launching = (by.get("launching") ?? []).toSorted(
    (one, other) => launchOf(one) - launchOf(other),
  );
  return [
    { name: "launching" as const, rows: launching, of: launching.length },
    { ...shown("onSale"), isRest: launching.some((row) => isOneOf(choices.onSale, row)) },
    shown("announced"),
    shown("closed"),
    shown("series"),
    { name: "past" as const, rows: [...past], of: inAll(choices.past) },
  ].filter((group) => group.rows.length > 0);
}

const launchOf = (row: EventRow) => Date.parse(row.salesLaunchDate ?? "") || 0;

function groupOf(row: EventRow, now: Date): GroupName {
  if (row.status === "GROUP") return "series";
  if (isLaunching(row, now)) return "launching";
  if (isOneOf(choices.closed, row)) return "closed";
  return isOneOf(choices.toLaunch, row) ? "announced" : "onSale";
}

/** From two days before its launch to a day after; one that was called off launches nothing. */
export function isLaunching(row: EventRow, now: Date): boolean {
  if (row.salesLaunchDate === null || isOneOf(choices.past, row)) return false;
  const left = Date.parse(row.salesLaunchDate) - now.getTime();
  return left <= BEFORE_LAUNCH_MS && left >= -AFTER_LAUNCH_MS && left < RIBBON_MS;
}

/** Whether its launch is still to come. */
export const isToCome = (row: EventRow, now: Date) =>
  row.salesLaunchDate !== null && Date.parse(row.salesLaunchDate) > now.getTime();

export const daysToRace = (row: EventRow, now: Date) =>
  daysUntil(new Date(row.eventDate), now, row.timezone);

export { refuseOtherCursor };
