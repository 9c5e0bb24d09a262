import type { Pool, Sql } from "../../database/connect.ts";
import { dayAt, startOfDay } from "../../lib/zones.ts";
import { isParent } from "../../rules/parents.ts";
import type { Step } from "../derived/event-past.ts";
import { eventLevels, type Levels } from "../derived/levels.ts";
import { readPasts } from "../derived/read-pasts.ts";
import { readWindows } from "../derived/windows.ts";
import { createdLevels } from "./created-levels.ts";
import { HOUR_MS, isBehind, placeOf, startOfPeriod } from "./level-places.ts";
import type {
  EventRow,
  LevelRow,
  LevelStep,
  LevelsNow,
  LevelsPage,
  LevelsWanted,
} from "./row-types.ts";
import type { ReadingOptions } from "./shown.ts";

/** So many facts of an event's past are in memory at one time. */
const AT_ONCE = 300;

/** Behind it is a year that neither PostgreSQL nor JavaScript writes with four digits. */
const LAST_DAY = "9999-12-30";

export interface LevelsOptions extends ReadingOptions {
  rows: LevelsNow;
  /** As it was at the instant that is asked for; without it as it is now. */
  event?: EventRow | undefined;
}

/**
 * What was sold and left of an event at each of its counts and descriptions, refunds and all, or at the
 * last of each hour or day; before the first count, by when what is sold now was created. A page costs
 * what it holds, however long the past is.
 */
export async function readEventLevels(
  sql: Pool,
  wanted: LevelsWanted,
  options: LevelsOptions,
): Promise<LevelsPage> {
  const event = options.event ?? options.rows.event;
  const { eventId, timezone } = event;
  const countedFrom = isParent(event) ? null : await readFirstCount(sql, eventId);
  const page = { timezone, countedFrom: countedFrom?.toISOString() ?? null };
  const { limit, after } = wanted;
  if (!countedFrom || limit === 0) return { ...page, rows: [], next: null };
  const { rows: ofNow, policy } = options;
  const { countedClasses } = policy;
  const found = wanted.isCountedOnly
    ? []
    : await createdLevels(sql, wanted, { rows: ofNow, countedClasses, countedFrom });
  const begin = beginOf(wanted, timezone);
  let from: Date | null = begin > countedFrom ? begin : new Date(countedFrom.getTime() - 1);
  const end = endOf(wanted, timezone);
  const isPast = begin < options.now;
  let isBeginning = wanted.from !== undefined && !after && begin > countedFrom && isPast;
  while (from && found.length <= limit && !(end && from >= end)) {
    const stretch: Stretch = await readStretch(
      sql,
      { eventId, timezone, wanted, from, isBeginning },
      options,
    );
    found.push(...stretch.rows.filter((row) => isBehind(row, after) && isWithin(row, end)));
    from = stretch.until;
    isBeginning = false;
  }
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { ...page, rows, next: last && found.length > limit ? placeOf(last) : null };
}

interface Stretch {
  rows: LevelRow[];
  /** Null where the past ends. */
  until: Date | null;
}

interface StretchWanted {
  eventId: string;
  timezone: string | null;
  wanted: LevelsWanted;
  /** The steps behind it. */
  from: Date;
  /** With how it stood then. */
  isBeginning: boolean;
}

async function readStretch(
  sql: Sql,
  { eventId, timezone, wanted, from, isBeginning }: StretchWanted,
  policy: LevelsOptions,
): Promise<Stretch> {
  const [window] = await readWindows(sql, [{ eventId, after: from }], AT_ONCE);
  if (!window) return { rows: [], until: null };
  // A stretch that ended within a day would make two rows of it.
  const until = behindNow(
    window.until && endOfPeriod(window.until, wanted.by, timezone),
    wanted.asOf,
  );
  const pastOf = await readPasts(sql, [{ ...window, until: until ?? wanted.asOf ?? null }]);
  const { known, steps } = pastOf(eventId);
  const levels = eventLevels(known, policy);
  // What was said before the first count stands in no row of these.
  let before = known.isCounted ? rowsOf(levels.at(from), { at: from, levels, wanted }) : [];
  const rows: LevelRow[] = isBeginning
    ? before.map((row) => ({ ...row, at: new Date(from.getTime() + 1).toISOString() }))
    : [];
  for (const together of periodsOf(steps, wanted.by, timezone)) {
    const at = together.filter(levels.take).at(-1)?.at;
    const now = at && levels.at(at);
    if (!now || now.capacity.totals.totalSold === null) continue;
    const all = rowsOf(now, { at, levels, wanted });
    const said = new Set(before.map(saidBy));
    rows.push(...all.filter((row) => !said.has(saidBy(row))));
    before = all;
  }
  return { rows, until };
}

const saidBy = ({ at: _at, ...row }: LevelRow) => JSON.stringify(row);

interface RowsWanted {
  at: Date;
  levels: ReturnType<typeof eventLevels>;
  wanted: LevelsWanted;
}

function rowsOf(found: Levels | undefined, { at, levels, wanted }: RowsWanted): LevelRow[] {
  if (!found) return [];
  const { totals, ticketTypes } = found.capacity;
  const counted = { at: at.toISOString(), basis: "count" } as const;
  if (wanted.per === "event")
    return [
      {
        ...counted,
        ticketTypeId: null,
        ticketName: null,
        sold: totals.totalSold,
        reserved: ticketTypes.reduce(
          (sum, type) => sum + (type.counted ? (type.reserved ?? 0) : 0),
          0,
        ),
        capacity: totals.totalCapacity,
        available: totals.totalAvailable,
        percentSold: totals.percentSold,
      },
    ];
  return ticketTypes
    .map((type): LevelRow => {
      const { ticketTypeId, sold, reserved, capacity, available, percentSold } = type;
      const ticketName = levels.nameOf(ticketTypeId);
      return {
        ...counted,
        ticketTypeId,
        ticketName,
        sold,
        reserved,
        capacity,
        available,
        percentSold,
      };
    })
    .sort((one, other) => ((one.ticketTypeId ?? "") < (other.ticketTypeId ?? "") ? -1 : 1));
}

/** Each step by itself, or those of an hour or day together: their row stands at the last that said anything. */
function periodsOf(steps: readonly Step[], by: LevelStep, timezone: string | null) {
  const groups = Map.groupBy(steps, ({ at }) => startOfPeriod(at, by, timezone).getTime());
  return [...groups.values()];
}

/** The last instant of what this one is in. */
function endOfPeriod(at: Date, by: LevelStep, timezone: string | null): Date {
  if (by === "count") return at;
  if (by === "hour") return new Date(startOfPeriod(at, by, timezone).getTime() + HOUR_MS - 1);
  return new Date(dayBehind(dayAt(at, timezone), timezone).getTime() - 1);
}

/** When the day after this one begins. */
const dayBehind = (day: string, timezone: string | null) =>
  startOfDay(new Date(Date.parse(day) + 24 * HOUR_MS).toISOString().slice(0, 10), timezone);

/** Null where the past that is asked for ends with it. */
const behindNow = (until: Date | null, asOf: Date | undefined) =>
  until && asOf && until >= asOf ? null : until;

/** Nothing from here on is wanted. */
function endOf({ to, asOf }: LevelsWanted, timezone: string | null): Date | null {
  const ends = [
    ...(to === undefined || to > LAST_DAY ? [] : [dayBehind(to, timezone)]),
    ...(asOf ? [new Date(asOf.getTime() + 1)] : []),
  ];
  return ends.length === 0 ? null : new Date(Math.min(...ends.map(Number)));
}

/** An instant before the first row that is wanted, and before nothing of its period. */
function beginOf({ by, from, after }: LevelsWanted, timezone: string | null): Date {
  const day = from === undefined ? 0 : startOfDay(from, timezone).getTime();
  const place = after ? startOfPeriod(new Date(after[0]), by, timezone).getTime() : 0;
  return new Date(Math.max(day, place, 1) - 1);
}

const isWithin = ({ at }: LevelRow, end: Date | null) => end === null || new Date(at) < end;

/** A count in parts is one when all of them are there. */
async function readFirstCount(sql: Sql, eventId: string): Promise<Date | undefined> {
  const [first] = await sql<{ countedAt: Date }[]>`
    select counted_at from event_count
    where event_id = ${eventId} and complete and whole
    group by counted_at having count(distinct part_number) >= max(part_of)
    order by counted_at limit 1
  `;
  return first?.countedAt;
}
