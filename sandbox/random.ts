/** Chance as a parameter: a number from 0 up to but not including 1. */
export type Random = () => number;

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number) =>
  low + Math.floor(random() * (high - low + 1));

/** One of `items`, the heavier the likelier; undefined where nothing has weight. */
export function pickWeighted<T>(random: Random, items: readonly T[], weight: (item: T) => number) {
  const total = items.reduce((sum, item) => sum + Math.max(0, weight(item)), 0);
  let left = random() * total;
  return items.find((item) => {
    const own = Math.max(0, weight(item));
    left -= own;
    return own > 0 && left < 0;
  });
}

export const pick = <T>(random: Random, items: readonly T[]) =>
  items[Math.floor(random() * items.length)];

/** How many things of `mean` on average happen (Poisson); no more than `most`. */
export function howMany(random: Random, mean: number, most = 200) {
  const limit = Math.exp(-Math.min(mean, 100));
  let product = random();
  let count = 0;
  while (product > limit && count < most) {
    product *= random();
    count += 1;
  }
  return count;
}
