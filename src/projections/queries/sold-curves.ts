import { percentOf } from "../../rules/capacity.ts";
import { sellingTimeOf } from "../../rules/pace.ts";
import { isParent } from "../../rules/parents.ts";
import type { PaceBook, PaceBookOptions, Remembered } from "./pace-book.ts";
import type { SoldCurve, SoldCurvesWanted } from "./row-types.ts";

const HOUR_MS = 3_600_000;

interface SoldCurvesOptions extends PaceBookOptions {
  book: PaceBook;
}

/**
 * How each of these events came to what it has sold, from its launch on: by when the tickets that are sold now
 * were created, so that what was refunded since is not in it. Events without a launch or a capacity have none.
 */
export async function readSoldCurves(
  { eventIds, points, asOf }: SoldCurvesWanted,
  { book, ...options }: SoldCurvesOptions,
): Promise<ReadonlyMap<string, SoldCurve>> {
  const all = await book.events(options);
  const wanted = eventIds.flatMap((eventId) => all.get(eventId) ?? []).filter(hasCurve);
  await book.fill(wanted);
  const until = (asOf ?? options.now).getTime();
  return new Map(
    wanted.flatMap((one) => {
      const curve = curveOf(one, { until, points });
      return curve ? [[curve.eventId, curve] as const] : [];
    }),
  );
}

const hasCurve = ({ selling: { row, sold } }: Remembered) =>
  !isParent(row) && sold !== null && (row.totalCapacity ?? 0) > 0;

function curveOf(
  { selling: { row, sold }, hours = { at: [], tickets: [] } }: Remembered,
  { until, points }: { until: number; points: number },
): SoldCurve | undefined {
  const { eventId, eventName, region, totalCapacity } = row;
  const time = sellingTimeOf({
    launch: row.salesLaunchDate === null ? null : Date.parse(row.salesLaunchDate),
    salesEnd: row.salesEndDate === null ? null : Date.parse(row.salesEndDate),
    race: Date.parse(row.eventDate),
  });
  if (!time || time.launch > until || !totalCapacity) return undefined;
  const to = Math.min(until, time.end);
  const step = Math.max(1, (to - time.launch) / Math.max(1, points - 1));
  const inAll = hours.tickets.reduce((sum, tickets) => sum + tickets, 0);
  const reached: SoldCurve["points"] = [];
  // What was sold before any hour that is known is there from the beginning.
  let by = (sold ?? 0) - inAll;
  let hour = 0;
  for (let place = 0; place < points; place += 1) {
    const at = place === points - 1 ? to : time.launch + place * step;
    for (; (hours.at[hour] ?? Number.POSITIVE_INFINITY) + HOUR_MS <= at; hour += 1)
      by += hours.tickets[hour] ?? 0;
    // Within an hour it grows evenly.
    const begun = hours.at[hour];
    const part = begun !== undefined && begun < at ? (at - begun) / HOUR_MS : 0;
    const soldBy = Math.max(0, by + part * (hours.tickets[hour] ?? 0));
    reached.push({ at: Math.round(at), percent: percentOf(soldBy, totalCapacity) ?? 0 });
  }
  return {
    eventId,
    eventName,
    region,
    capacity: totalCapacity,
    launch: time.launch,
    end: time.end,
    points: reached,
  };
}
