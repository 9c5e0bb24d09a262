import { median } from "../pace.ts";
import { DAY_MS, type PastStand, type Stand } from "./stand.ts";

/** A pickup, B pickup and pace mixed, C the last week's pace alone. */
export const methods = ["A", "B", "C"] as const;

export type Method = (typeof methods)[number];

/** What the methods are held against. */
export const baselines = ["line", "pace", "medianCurve"] as const;

export type Baseline = (typeof baselines)[number];

/** Small numbers do not explode: so many tickets are added to what was sold lately. */
const PRIOR_TICKETS = 20;

const days = ({ elapsedMs }: Stand) => elapsedMs / DAY_MS;

/** From this day on there is a week to take a pace of. */
export const hasPace = (elapsedDays: number) => elapsedDays >= 7;

/**
 * What is still to come by one method, without a look at the capacity. Infinite where most comparables had
 * sold out: what they would have sold is not known, but that it is more than there was.
 *
 * `age` is that of the event that is forecast: comparables that are left out are forecast by what it has.
 */
export function restBy(
  method: Method | Baseline,
  mine: Stand,
  others: readonly PastStand[],
  age = days(mine),
): number {
  const paced = hasPace(age) ? mine.perDay * (mine.leftMs / DAY_MS) : lineOf(mine);
  switch (method) {
    case "A":
      return pickup(mine, others, age);
    case "B":
      return hasPace(age)
        ? mixed(pickup(mine, others, age), paced, mine)
        : pickup(mine, others, age);
    case "C":
    case "pace":
      return paced;
    case "line":
      return lineOf(mine);
    case "medianCurve":
      return byMedianCurve(mine, others, false) ?? lineOf(mine);
  }
}

/** More than there is for pickup is as much as there is, beside a pace that is a number. */
function mixed(rest: number, paced: number, { sold, capacity }: Stand) {
  return Math.sqrt((Number.isFinite(rest) ? rest : Math.max(0, capacity - sold)) * paced);
}

const lineOf = ({ sold, elapsedMs, leftMs }: Stand) =>
  elapsedMs > 0 ? (sold * leftMs) / elapsedMs : 0;

/** The median of up to four simple views. */
function pickup(mine: Stand, others: readonly PastStand[], age: number): number {
  // Later most of what sold out has sold out by then, and to call its rest infinite says too much.
  const isCensoring = age < 14;
  const views = [
    byMedianCurve(mine, others, isCensoring),
    age >= 2 ? byTail(mine, others, isCensoring) : undefined,
    age >= 2 ? byOwnDecay(mine) : undefined,
    hasPace(age) ? byRecent(mine, others, isCensoring) : undefined,
  ].filter((rest) => rest !== undefined);
  return views.length > 0 ? median(views) : lineOf(mine);
}

const restOf = ({ rest, isSoldOut }: PastStand, isCensoring: boolean) =>
  isCensoring && isSoldOut ? Number.POSITIVE_INFINITY : rest;

function byMedianCurve(mine: Stand, others: readonly PastStand[], isCensoring: boolean) {
  if (others.length === 0) return undefined;
  return scaled(mine.sold, median(others.map((one) => restOf(one, isCensoring) / one.sold)));
}

/** From the second day on a huge first one does not count. */
function byTail(mine: Stand, others: readonly PastStand[], isCensoring: boolean) {
  const selling = others.filter(({ tail }) => tail > 0);
  if (selling.length === 0) return undefined;
  return scaled(mine.tail, median(selling.map((one) => restOf(one, isCensoring) / one.tail)));
}

function byOwnDecay({ sold, growth, elapsedMs, leftMs }: Stand) {
  return sold * (((elapsedMs + leftMs) / elapsedMs) ** growth - 1);
}

function byRecent(mine: Stand, others: readonly PastStand[], isCensoring: boolean) {
  if (others.length === 0) return undefined;
  const sum = (of: (one: PastStand) => number) => others.reduce((all, one) => all + of(one), 0);
  const pool =
    sum(({ rest }) => rest) /
    Math.max(
      1,
      sum(({ recent }) => recent),
    );
  const ratios = others.map(
    (one) => (restOf(one, isCensoring) + PRIOR_TICKETS * pool) / (one.recent + PRIOR_TICKETS),
  );
  return scaled(mine.recent, median(ratios));
}

/** Of nothing however much is nothing: 0 times infinite is no number. */
const scaled = (tickets: number, ratio: number) => (tickets > 0 ? tickets * ratio : 0);
