import type { Sql } from "../../database/connect.ts";
import { dayAt } from "../../lib/zones.ts";
import { HOUR_MS, inOrder, isBehind, startOfPeriod } from "./level-places.ts";
import type { LevelRow, LevelsNow, LevelsWanted, TicketTypeRow } from "./row-types.ts";
import { totalsAtEnd } from "./sales-curve.ts";
import { readNewSalesByType } from "./sold-hours.ts";

interface CreatedOptions {
  rows: LevelsNow;
  countedClasses: readonly string[];
  countedFrom: Date;
}

/**
 * What was sold at the end of each hour before the first count, by when the tickets that are sold now
 * were created: what was refunded since is in none of these.
 */
export async function createdLevels(
  sql: Sql,
  wanted: LevelsWanted,
  { rows: { event, ticketTypes }, countedClasses, countedFrom }: CreatedOptions,
): Promise<LevelRow[]> {
  const { by, per, from, to, asOf, after } = wanted;
  const { eventId, timezone } = event;
  if (after && after[0] >= countedFrom.getTime()) return [];
  const salesOf = await readNewSalesByType(sql, eventId);
  // The rows may have been read before another count, and these are of the hours' moment.
  const soldOf = ({ ticketTypeId, sold }: TicketTypeRow) => salesOf.get(ticketTypeId)?.sold ?? sold;
  const inTotals = ticketTypes.filter((type) => countedClasses.includes(type.class));
  const soldInAll = inTotals.reduce((sum, type) => sum + (soldOf(type) ?? 0), 0);
  const subjects =
    per === "event"
      ? [
          {
            ...{ id: null, name: null, types: inTotals },
            sold: event.totalSold === null ? null : soldInAll,
          },
        ]
      : ticketTypes.map((type) => ({
          id: type.ticketTypeId,
          name: type.ticketName,
          sold: soldOf(type),
          types: [type],
        }));
  return subjects
    .flatMap(({ id, name, sold, types }) =>
      lastOfEach(
        endsOf(
          types.map(({ ticketTypeId }) => salesOf.get(ticketTypeId)?.hours ?? []),
          sold,
        ).filter(isWanted),
      ).map(({ at, total }) => createdRow(at, { id, name, sold: total })),
    )
    .filter((row) => isBehind(row, after))
    .sort(inOrder);

  /** An hour's end is of the day that the hour began in, as its sales are. */
  function isWanted({ at }: Ending) {
    const day = dayAt(new Date(at - HOUR_MS), timezone);
    const isWithin = (from === undefined || day >= from) && (to === undefined || day <= to);
    return at < countedFrom.getTime() && at <= (asOf?.getTime() ?? at) && isWithin;
  }

  function lastOfEach(endings: readonly Ending[]): Ending[] {
    if (by === "count") return [...endings];
    const periodOf = ({ at }: Ending) =>
      startOfPeriod(new Date(at - HOUR_MS), by, timezone).getTime();
    return [...new Map(endings.map((ending) => [periodOf(ending), ending])).values()];
  }
}

interface Ending {
  /** When the hour ended. */
  at: number;
  total: number | null;
}

/** The ends of the hours with sales, oldest first, and what was sold then. */
function endsOf(
  hours: readonly (readonly { at: number; tickets: number }[])[],
  sold: number | null,
): Ending[] {
  const sums = new Map<number, number>();
  for (const { at, tickets } of hours.flat()) sums.set(at, (sums.get(at) ?? 0) + tickets);
  const newestFirst = [...sums].sort(([one], [other]) => other - one);
  const totals = totalsAtEnd(
    newestFirst.map(([, tickets]) => tickets),
    sold,
  );
  return newestFirst.map(([at], n) => ({ at: at + HOUR_MS, total: totals[n] ?? null })).reverse();
}

const createdRow = (
  at: number,
  { id, name, sold }: { id: string | null; name: string | null; sold: number | null },
): LevelRow => ({
  at: new Date(at).toISOString(),
  basis: "creation",
  ticketTypeId: id,
  ticketName: name,
  sold,
  reserved: null,
  capacity: null,
  available: null,
  percentSold: null,
});
