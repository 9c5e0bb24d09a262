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
import { startOfMinute } from "../../lib/clock.ts";
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
import type { Coming } from "../chart/ribbon.tsx";
import type { Look } from "../look.ts";
import { MOST_RACE_DAYS, shortName } from "../words.ts";
import { AFTER_LAUNCH_MS, choices, groupsOf, type ShownGroup } from "./event-groups.ts";

const DAY_MS = 24 * 3_600_000;
const RIBBON_MS = 56 * DAY_MS;
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
  coming: Coming[];
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
  // Whole minutes are the same question for whoever looks in one.
  const minute = startOfMinute(now).getTime();
  const day = (ms: number) => new Date(now.getTime() + ms).toISOString().slice(0, 10);
  const [page, past, parts, launches, races] = await Promise.all([
    readSorted(isPlain ? { ...wanted, statuses: current } : wanted),
    isPlain ? readPast() : undefined,
    readers.readSummary({ ...filters, statuses: undefined, asOf }),
    readers.readLaunches({
      from: new Date(minute - AFTER_LAUNCH_MS),
      asOf,
      limit: 200,
      to: new Date(minute + RIBBON_MS),
    }),
    // One that began in the days before may not be over.
    readers.lists.events({
      fromDay: day((1 - MOST_RACE_DAYS) * DAY_MS),
      toDay: day(RIBBON_MS),
      limit: 100,
      asOf,
    }),
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
    groups: past && groupsOf(page, past.rows, { now, parts }),
    launches: new Map(launches.rows.map((row) => [row.eventId, row])),
    coming: [
      ...launches.rows.filter(willBe).map((row): Coming => {
        const at = Date.parse(row.salesLaunchDate);
        return { kind: "launch", at, name: shortName(row.eventName), zone: row.timezone };
      }),
      ...races.rows.filter(willBe).map((row): Coming => {
        const [at, until] = [Date.parse(row.eventDate), endOfRace(row)];
        const name = shortName(row.eventName);
        return { kind: "race", at, until, name, zone: row.timezone };
      }),
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

/** Of the week at most that a race may have. */
const endOfRace = ({ eventDate, eventEndDate }: EventRow) =>
  Math.min(Date.parse(eventEndDate), Date.parse(eventDate) + MOST_RACE_DAYS * DAY_MS);

/** Whether its launch is still to come. */
export const isToCome = (row: EventRow, now: Date) =>
  row.salesLaunchDate !== null && Date.parse(row.salesLaunchDate) > now.getTime();

export { refuseOtherCursor };
