import type {
  EventRow,
  EventsWanted,
  ListPage,
  Pace,
  Place,
  Sort,
} from "../projections/queries/row-types.ts";
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
  wanted: Omit<EventsWanted, "sort"> & { sort: Sort<PaceSort> },
  { lists, readPaces, begunAt }: ByPace,
): Promise<ListPage<EventRow, string>> {
  const { sort, after, limit, ...filters } = wanted;
  const read = (place?: Place) =>
    lists.events({
      ...{ ...filters, limit: TOGETHER, after: place },
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
