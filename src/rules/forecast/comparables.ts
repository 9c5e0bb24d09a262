const YEAR_MS = 365 * 86_400_000;

/** Fewer say too little for a range; more would be less and less alike. */
export const FEWEST_COMPARABLES = 8;
const MOST_COMPARABLES = 20;
const LARGEST_FACTOR = 3;
/** What another account, or a year between them, counts beside a difference in capacity by the factor e. */
const OTHER_REGION = 0.4;
const A_YEAR = 0.2;

export interface Alike {
  capacity: number;
  region: string;
  /** When its sale began. */
  launch: number;
}

/** The past events that are most like one: of its size within factor 3, the nearest first. */
export function mostAlike<One extends Alike>(mine: Alike, past: readonly One[]): One[] {
  const farness = (one: One) =>
    Math.abs(Math.log(one.capacity / mine.capacity)) +
    (one.region === mine.region ? 0 : OTHER_REGION) +
    (Math.abs(mine.launch - one.launch) / YEAR_MS) * A_YEAR;
  return past
    .filter(
      ({ capacity }) => Math.abs(Math.log(capacity / mine.capacity)) <= Math.log(LARGEST_FACTOR),
    )
    .map((one) => ({ one, far: farness(one) }))
    .sort((first, second) => first.far - second.far)
    .slice(0, MOST_COMPARABLES)
    .map(({ one }) => one);
}
