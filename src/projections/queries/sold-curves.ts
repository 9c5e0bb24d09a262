import { percentOf } from "../../rules/capacity.ts";
import { curveOfHours, soldAt } from "../../rules/forecast/curve.ts";
import { isParent } from "../../rules/parents.ts";
import type { PaceBook, PaceBookOptions, Remembered } from "./pace-book.ts";
import { timeOf } from "./pace-comparables.ts";
import type { SoldCurve, SoldCurvesWanted } from "./row-types.ts";

interface SoldCurvesOptions extends PaceBookOptions {
  book: PaceBook;
  /** Up to when without an `asOf`; now, where it is not said. A curve is kept as long as this stays. */
  at?: Date;
}

/**
 * How each of these events came to what it has sold, from its launch on: by when the tickets that are sold now
 * were created, so that what was refunded since is not in it. Events without a launch or a capacity have none.
 */
export async function readSoldCurves(
  { eventIds, points, asOf }: SoldCurvesWanted,
  { book, at, ...options }: SoldCurvesOptions,
): Promise<ReadonlyMap<string, SoldCurve>> {
  const all = await book.events(options);
  const wanted = eventIds.flatMap((eventId) => all.get(eventId) ?? []).filter(hasCurve);
  await book.fill(wanted);
  const now = (at ?? options.now).getTime();
  const until = asOf?.getTime() ?? now;
  return new Map(
    wanted.flatMap((one) => {
      const curve = keptCurveOf(one, { until, now, points });
      return curve ? [[curve.eventId, curve] as const] : [];
    }),
  );
}

const hasCurve = ({ selling: { row, sold } }: Remembered) =>
  !isParent(row) && sold !== null && (row.totalCapacity ?? 0) > 0;

interface Drawn {
  until: number;
  /** When the hours were read. */
  now: number;
  points: number;
}

/** By the sale as it is remembered: one of which something became otherwise is another object. */
const kept = new WeakMap<Remembered, { drawn: Drawn; curve: SoldCurve | undefined }>();

function keptCurveOf(one: Remembered, drawn: Drawn): SoldCurve | undefined {
  const known = kept.get(one);
  if (known && isSame(known.drawn, drawn)) return known.curve;
  const curve = curveOf(one, drawn);
  kept.set(one, { drawn, curve });
  return curve;
}

const isSame = (one: Drawn, other: Drawn) =>
  one.until === other.until && one.now === other.now && one.points === other.points;

function curveOf(
  { selling: { row, sold }, hours = { at: [], tickets: [] } }: Remembered,
  { until, now, points }: Drawn,
): SoldCurve | undefined {
  const { eventId, eventName, region, totalCapacity } = row;
  const time = timeOf(row);
  if (!time || time.launch > until || !totalCapacity) return undefined;
  const to = Math.min(until, time.end);
  const step = Math.max(1, (to - time.launch) / Math.max(1, points - 1));
  const created = curveOfHours(hours, now);
  // What was sold before any hour that is known is there from the beginning.
  const before = (sold ?? 0) - (created.sold.at(-1) ?? 0);
  return {
    eventId,
    eventName,
    region,
    capacity: totalCapacity,
    launch: time.launch,
    end: time.end,
    points: Array.from({ length: points }, (_, place) => {
      const at = place === points - 1 ? to : time.launch + place * step;
      const soldBy = Math.max(0, before + soldAt(created, at));
      return { at: Math.round(at), percent: percentOf(soldBy, totalCapacity) ?? 0 };
    }),
  };
}
