/**
 * A time in a key is told by a zone's clock, and that clock may be another one from one sync to the next:
 * Vivenu corrects an event's timezone, the zone data is renewed for a new law, an operator chooses one for
 * all. Then the row is the same and only its times are moved, all by whole quarters of an hour.
 */
const QUARTERS_A_DAY = 96;
/** From UTC-12 to UTC+14. */
const MOST_QUARTERS = 26 * 4;
const SECOND = 1 / 86_400;

export interface Timed {
  /** A row's number, in the sheet or among ours. */
  row: number;
  /** What its other keys say. */
  sign: string | undefined;
  time: unknown;
}

/** For each of `ours` that is found so: its number and the number of its row. The nearest comes first. */
export function movedRows(ours: readonly Timed[], theirs: readonly Timed[]): [number, number][] {
  const theirsOf = Map.groupBy(theirs, ({ sign }) => sign);
  const pairs = ours.flatMap((mine) =>
    ((mine.sign !== undefined && theirsOf.get(mine.sign)) || []).flatMap((found) => {
      const days = apart(mine.time, found.time);
      return days === undefined ? [] : { days, ours: mine.row, theirs: found.row };
    }),
  );
  const [takenOurs, takenTheirs] = [new Set<number>(), new Set<number>()];
  return pairs
    .sort((a, b) => a.days - b.days)
    .flatMap((pair): [number, number][] => {
      if (takenOurs.has(pair.ours) || takenTheirs.has(pair.theirs)) return [];
      takenOurs.add(pair.ours);
      takenTheirs.add(pair.theirs);
      return [[pair.ours, pair.theirs]];
    });
}

function apart(one: unknown, other: unknown): number | undefined {
  if (typeof one !== "number" || typeof other !== "number") return undefined;
  const days = Math.abs(one - other);
  const quarters = Math.round(days * QUARTERS_A_DAY);
  const isWhole = Math.abs(days - quarters / QUARTERS_A_DAY) < SECOND / 2;
  return isWhole && quarters <= MOST_QUARTERS ? days : undefined;
}
