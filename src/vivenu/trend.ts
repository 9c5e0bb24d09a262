/** Which way a page's tickets run, and up to where it should hold all of them. */
export interface Trend {
  direction: "rising" | "falling";
  edge: number;
}

const CLEAR = 0.8;

/**
 * Vivenu does not say how it sorts. By the instant of creation, then a page holds everything up to its
 * last ticket; nearly so (by id, or by the last change), then everything up to a little before it.
 * This is a guess that saves requests: whether it holds, the totals prove.
 */
export function trendOf(times: readonly number[]): Trend | undefined {
  const last = times.at(-1);
  if (last === undefined || times.every((time) => time === last)) return undefined;
  if (isRising(times)) return { direction: "rising", edge: last };
  if (isRising(times.toReversed())) return { direction: "falling", edge: last };

  const lag = Math.floor(times.length / 2);
  const later = times.slice(lag);
  const rising = later.filter((time, at) => time > (times[at] ?? time)).length / later.length;
  const falling = later.filter((time, at) => time < (times[at] ?? time)).length / later.length;
  const edge = median(times.slice(-Math.ceil(times.length / 10)));
  if (rising > CLEAR) return { direction: "rising", edge };
  if (falling > CLEAR) return { direction: "falling", edge };
  return undefined;
}

const isRising = (times: readonly number[]) =>
  times.every((time, at) => at === 0 || time >= (times[at - 1] ?? time));

const median = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
