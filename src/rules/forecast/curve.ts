import type { SellingTime, SoldByHour } from "../pace.ts";

const HOUR_MS = 3_600_000;

/** How one event came to what it has sold: what was sold at instants, evenly between two of them. */
export interface SaleCurve extends SellingTime {
  capacity: number;
  /** In milliseconds, rising. */
  at: readonly number[];
  sold: readonly number[];
}

/** What was sold by an instant; before the first nothing, after the last what was sold then. */
export function soldAt({ at, sold }: Pick<SaleCurve, "at" | "sold">, instant: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) <= instant) low = middle + 1;
    else high = middle;
  }
  const before = sold[low - 1] ?? 0;
  const [from, to] = [at[low - 1], at[low]];
  if (from === undefined || to === undefined) return before;
  return before + (((sold[low] ?? 0) - before) * (instant - from)) / (to - from);
}

/** When a sale had first sold so many; null where it never had. */
export function reachedAt(curve: SaleCurve, tickets: number): number | null {
  const at = curve.at[curve.sold.findIndex((sold) => sold >= tickets)];
  return at === undefined || at > curve.end ? null : at;
}

/**
 * Its curve by the hours in which what is sold now was created. Within an hour it grows evenly: in the one that
 * `now` is in up to then, for nothing of it was created later.
 */
export function curveOfHours(
  { at, tickets }: SoldByHour,
  now: number,
): Pick<SaleCurve, "at" | "sold"> {
  const curve = { at: [] as number[], sold: [] as number[] };
  let total = 0;
  for (const [n, hour] of at.entries()) {
    if (curve.at.at(-1) !== hour) {
      curve.at.push(hour);
      curve.sold.push(total);
    }
    total += tickets[n] ?? 0;
    curve.at.push(Math.max(hour, Math.min(hour + HOUR_MS, now)));
    curve.sold.push(total);
  }
  return curve;
}

interface Until {
  until: number;
  /** At `until`; what was refunded since is in no hour, and so it is spread. */
  sold: number;
  /** When the hours were read. */
  now: number;
}

/** The same up to an instant at which so many were sold. */
export function curveUntil(
  hours: SoldByHour,
  { until, sold, now }: Until,
): Pick<SaleCurve, "at" | "sold"> {
  const created = curveOfHours(hours, now);
  const atEnd = soldAt(created, until);
  const upTo = created.at.filter((at) => at < until).length;
  const times = atEnd > 0 ? sold / atEnd : 1;
  return {
    at: [...created.at.slice(0, upTo), until],
    sold: [...created.sold.slice(0, upTo).map((level) => level * times), sold],
  };
}
