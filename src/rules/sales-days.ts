/** What was created on one day, of the tickets that are sold now, and what counts said at its end. */
export interface CreatedDay {
  day: string;
  newSales: number;
  replacements: number;
  /** Between which numbers the total was by the counts; undefined before the first of them. */
  counted: { low: number; high: number } | undefined;
}

export interface SalesDay {
  day: string;
  newSales: number;
  /** By transfer, rebooking, upgrade or resale. */
  replacements: number;
  /** Net of the day, when it was noticed; null where no count knows. */
  refunds: number | null;
  /** At the end of the day. */
  total: number;
  isCounted: boolean;
}

/**
 * Days in a row, each with what was sold at its end. Where counts know it that is as it was then, refunded
 * tickets and all, and a day adds up: the total before, new sales and replacements, less refunds. Before the
 * first count it is what is sold now and was created by then. A count that is not of the day's very end says
 * between which numbers the total was; of these it is the one that makes the fewest refunds.
 */
export function salesDays(created: readonly CreatedDay[], sold: number): SalesDay[] {
  const inAll = created.reduce((sum, day) => sum + day.newSales + day.replacements, 0);
  let stillSold = Math.max(0, sold - inAll);
  let before: { total: number; isCounted: boolean } = { total: stillSold, isCounted: true };
  return created.map(({ day, newSales, replacements, counted }) => {
    const came = newSales + replacements;
    stillSold += came;
    if (!counted) {
      before = { total: stillSold, isCounted: false };
      return { day, newSales, replacements, refunds: null, ...before };
    }
    const { low, high } = counted;
    const expected = before.isCounted ? before.total + came : high;
    const least = Math.max(low, stillSold);
    const total = Math.min(Math.max(expected, least), Math.max(high, least));
    const gone = before.total + came - total;
    const isKnown = before.isCounted;
    before = { total, isCounted: true };
    return {
      day,
      replacements,
      ...before,
      // More than is sold now: it was refunded later.
      newSales: newSales + (isKnown ? Math.max(0, -gone) : 0),
      refunds: isKnown ? Math.max(0, gone) : null,
    };
  });
}

/** Days of a sale by their numbers, the first of them 0. */
export interface DayGroup {
  first: number;
  days: number;
}

interface Grouped {
  days: number;
  /** The number of the day of the launch. */
  launch: number;
  /** So many groups at most, as far as that is possible. */
  most: number;
}

const WEEK = 7;

/**
 * Each day by itself, or, where that is more than `most`, the oldest of them week by week (months of four
 * weeks where that does not do either), but never those of the week that the launch begins. Weeks are
 * counted from the launch, so that a day's week is the same one tomorrow.
 */
export function dayGroups({ days, launch, most }: Grouped): DayGroup[] {
  const tried = LENGTHS.map((length) => groupsBy(length, { days, launch, most }));
  const fewest = Math.min(...tried.map((groups) => groups.length));
  return tried.find((groups) => groups.length <= Math.max(most, fewest)) ?? [];
}

const LENGTHS = [WEEK, 4 * WEEK, 16 * WEEK];

function groupsBy(length: number, { days, launch, most }: Grouped): DayGroup[] {
  const periods = periodsOf(days, launch, length);
  let rows = days;
  return periods.flatMap(({ isLaunch, ...period }, at): DayGroup[] => {
    if (isLaunch || rows <= most) return singles(period);
    // What is not over yet is told in weeks that are, and in days.
    const told = at < periods.length - 1 ? [period] : weeksOf(period);
    rows -= period.days - told.length;
    return told;
  });
}

const singles = ({ first, days }: DayGroup): DayGroup[] =>
  Array.from({ length: days }, (_, n) => ({ first: first + n, days: 1 }));

function weeksOf({ first, days }: DayGroup): DayGroup[] {
  const weeks = Math.max(0, Math.ceil(days / WEEK) - 1);
  const groups = Array.from({ length: weeks }, (_, n) => ({ first: first + n * WEEK, days: WEEK }));
  return [...groups, ...singles({ first: first + weeks * WEEK, days: days - weeks * WEEK })];
}

function periodsOf(days: number, launch: number, length: number) {
  const periods: (DayGroup & { isLaunch: boolean })[] = [];
  const numberOf = (day: number) =>
    day < launch
      ? -1 - Math.floor((launch - 1 - day) / length)
      : day < launch + WEEK
        ? 0
        : 1 + Math.floor((day - launch - WEEK) / length);
  let number: number | undefined;
  for (let day = 0; day < days; day += 1) {
    const last = periods.at(-1);
    if (last && number === numberOf(day)) last.days += 1;
    else periods.push({ first: day, days: 1, isLaunch: numberOf(day) === 0 });
    number = numberOf(day);
  }
  return periods;
}
