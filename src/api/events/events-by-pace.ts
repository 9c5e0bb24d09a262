import type { z } from "zod";
import type {
  EventRow,
  EventsWanted,
  ListPage,
  Pace,
  Place,
  Sort,
} from "../../projections/queries/row-types.ts";
import { pointsOf } from "../request/list-query.ts";
import type { ReadLists } from "./row-reads.ts";

/** How fast events sell is worked out when it is read, and in no column that PostgreSQL could sort by. */
export const paceSorts = {
  last24Hours: "count",
  last7Days: "count",
  vsUsual: "number",
} as const;
export type PaceSort = keyof typeof paceSorts;

const keys: Record<PaceSort, (pace: Pace) => number | null> = {
  last24Hours: (pace) => pace.last24Hours,
  last7Days: (pace) => pace.last7Days,
  vsUsual: (pace) => pace.usual?.pointsAhead ?? null,
};

export const isPaceSort = <Name extends string>(sort: Sort<Name>): sort is Sort<Name & PaceSort> =>
  sort.by in paceSorts;

export const isRowSort = <Name extends string>(
  sort: Sort<Name>,
): sort is Sort<Exclude<Name, PaceSort>> => !isPaceSort(sort);

export const paceFilters = {
  vsUsualMin: pointsOf(
    "`pace.usual.pointsAhead` at least, in points; what is not known is left out.",
    -5,
  ),
  vsUsualMax: pointsOf(
    "`pace.usual.pointsAhead` at most, in points; what is not known is left out.",
    5,
  ),
};

/** A pace moves with every hour and not with rows: nobody could say what changed since. */
export function refuseOddPaces(
  asked: WantedPace & { updatedSince?: object | undefined },
  context: z.RefinementCtx,
) {
  const { vsUsualMin: min, vsUsualMax: max, updatedSince } = asked;
  const refuse = (name: string, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  if (min !== undefined && max !== undefined && max < min)
    refuse("vsUsualMax", "must not be below vsUsualMin");
  if (updatedSince !== undefined && isPaceWanted(asked))
    refuse("updatedSince", "is not with vsUsualMin or vsUsualMax, which move with time alone");
}

/** How far ahead of usual events are that are wanted, in points; behind it is below 0. */
export interface WantedPace {
  vsUsualMin?: number | undefined;
  vsUsualMax?: number | undefined;
}

export const isPaceWanted = ({ vsUsualMin, vsUsualMax }: WantedPace) =>
  vsUsualMin !== undefined || vsUsualMax !== undefined;

/** What is not known is in no range. */
function fits(pace: Pace | undefined, { vsUsualMin, vsUsualMax }: WantedPace): boolean {
  const points = pace && keys.vsUsual(pace);
  if (points === undefined || points === null) return false;
  return points >= (vsUsualMin ?? -Infinity) && points <= (vsUsualMax ?? Infinity);
}

/** Of a list that PostgreSQL sorts so many at a time. */
const TOGETHER = 1_000;

export interface ByPace {
  lists: ReadLists;
  /** Of the hour that `at` is in. */
  readPaces: (rows: readonly EventRow[], at: Date) => Promise<ReadonlyMap<string, Pace>>;
  /** When the first page was read; undefined on that one. */
  begunAt: Date | undefined;
}

/**
 * A page of events by their pace: all that fit are read, and sorted as PostgreSQL sorts others, those
 * without a key last and of one key by their ids. Further pages are of the first one's hour, so that the
 * clock moves no event from one page to another.
 */
export async function pageByPace(
  wanted: Omit<EventsWanted, "sort"> & { sort: Sort<PaceSort> } & WantedPace,
  { lists, readPaces, begunAt }: ByPace,
): Promise<ListPage<EventRow, string>> {
  const { sort, after, limit, vsUsualMin, vsUsualMax, ...filters } = wanted;
  const pace = { vsUsualMin, vsUsualMax };
  const read = (place?: Place) =>
    lists.events({
      ...filters,
      limit: TOGETHER,
      after: place,
      sort: { by: "eventId", isDescending: false },
    });
  const first = await read();
  const rows = [...first.rows];
  for (let { next } = first; next; ) {
    const page = await read(next);
    rows.push(...page.rows);
    next = page.next;
  }
  const paces = await readPaces(rows, begunAt ?? first.at);
  const placed = rows
    .filter(({ eventId }) => !isPaceWanted(pace) || fits(paces.get(eventId), pace))
    .map((row) => {
      const pace = paces.get(row.eventId);
      return { row, place: { key: pace ? keys[sort.by](pace) : null, ids: [row.eventId] } };
    })
    .sort((one, other) => compare(one.place, other.place, sort.isDescending))
    .filter(({ place }) => !after || compare(place, after, sort.isDescending) > 0);
  const page = placed.slice(0, limit);
  const last = page.at(-1);
  return {
    ...first,
    rows: page.map(({ row }) => row),
    next: last && placed.length > limit ? last.place : null,
    removed: after ? [] : first.removed,
  };
}

/**
 * A page of events in an order of PostgreSQL's, of those whose pace is wanted: it reads on until the page is full.
 */
export async function pageOfPace(
  wanted: EventsWanted & WantedPace,
  { lists, readPaces, begunAt }: ByPace,
): Promise<ListPage<EventRow, string>> {
  const { limit, vsUsualMin, vsUsualMax, ...filters } = wanted;
  const pace = { vsUsualMin, vsUsualMax };
  const rows: EventRow[] = [];
  let first: ListPage<EventRow, string> | undefined;
  for (let after: Place | null | undefined = wanted.after; after !== null; ) {
    const page: ListPage<EventRow, string> = await lists.events({
      ...filters,
      limit: TOGETHER,
      after,
    });
    first ??= page;
    const paces = await readPaces(page.rows, begunAt ?? first.at);
    const fitting = page.rows.flatMap((row, index) =>
      fits(paces.get(row.eventId), pace) ? { row, index } : [],
    );
    const some = fitting.slice(0, limit - rows.length);
    const last = some.at(-1);
    const isFull = some.length < fitting.length;
    // Only the last row of a page has its place told.
    const upTo =
      last && isFull && (await lists.events({ ...filters, limit: last.index + 1, after }));
    // Rows came or went before it meanwhile: the place would be another one's.
    if (upTo && upTo.rows.at(-1)?.eventId !== last.row.eventId) continue;
    rows.push(...some.map(({ row }) => row));
    if (upTo) return { ...first, rows, next: upTo.next };
    if (rows.length === limit && page.next) return { ...first, rows, next: page.next };
    after = page.next;
  }
  if (!first) throw new Error("no page was read");
  return { ...first, rows, next: null };
}

function compare(one: Place, other: Place, isDescending: boolean): number {
  if (one.key === null || other.key === null) {
    if (one.key !== other.key) return one.key === null ? 1 : -1;
    return byIds(one, other) * (isDescending ? -1 : 1);
  }
  const byKey = Number(one.key) - Number(other.key) || byIds(one, other);
  return isDescending ? -byKey : byKey;
}

const byIds = ({ ids: [one = ""] }: Place, { ids: [other = ""] }: Place) =>
  one < other ? -1 : Number(one > other);
