import { median } from "../pace.ts";
import { soldAt } from "./curve.ts";
import type { Method } from "./methods.ts";
import type { PastStand, Stand } from "./stand.ts";

const STEPS = 200;

/**
 * When a number of tickets will be sold, in milliseconds from now, if so much is still to come; null where that
 * is after the end of the sale. The comparables say how what was still to come came over their time.
 */
export function reachedIn(tickets: number, { mine, others, rest, method }: Way): number | null {
  if (tickets <= mine.sold) return 0;
  if (mine.leftMs <= 0 || mine.sold + rest < tickets) return null;
  const isKnown = Number.isFinite(rest);
  const wanted = (tickets - mine.sold) / (isKnown ? rest : mine.sold);
  const ways = others.filter((one) => one.rest > 0 || one.isSoldOut);
  if (method === "C" || ways.length === 0) return isKnown ? wanted * mine.leftMs : null;
  const come = (step: number) =>
    median(ways.map((one) => (isKnown ? shareCome(one, step) : growthCome(one, step))));
  let low = 0;
  let high = STEPS;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (come(middle) >= wanted) high = middle;
    else low = middle;
  }
  const [before, after] = [come(low), come(high)];
  const within =
    after > before ? Math.min(1, Math.max(0, (wanted - before) / (after - before))) : 1;
  return ((low + within) / STEPS) * mine.leftMs;
}

/** Of what was still to come of a comparable, how much had come. */
function shareCome(one: PastStand, step: number) {
  if (one.rest <= 0) return 1;
  return Math.min(1, (soldAt(one.curve, instantOf(one, step)) - one.sold) / one.rest);
}

/** By how much a comparable had grown; once it had sold out it would have grown by more than anybody knows. */
function growthCome(one: PastStand, step: number) {
  const { sold, rest, isSoldOut } = one;
  const come = soldAt(one.curve, instantOf(one, step)) - sold;
  return isSoldOut && come >= rest ? Number.POSITIVE_INFINITY : come / sold;
}

const instantOf = ({ at, curve }: PastStand, step: number) =>
  at + ((curve.end - at) * step) / STEPS;

export interface Way {
  mine: Stand;
  others: readonly PastStand[];
  rest: number;
  method: Method;
}
