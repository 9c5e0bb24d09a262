const DAY_MS = 86_400_000;

/** Whole days after launch: what forecasts an event well changes with its age. The first is its launch hours. */
export const stretches = ["0", "1-2", "3-6", "7-13", "14-29", "30-59", "60+"] as const;

export type Stretch = (typeof stretches)[number];

const FIRST_DAYS = [0, 1, 3, 7, 14, 30, 60] as const;

export function stretchOf(elapsedMs: number): Stretch {
  const days = elapsedMs / DAY_MS;
  const index = FIRST_DAYS.findLastIndex((first) => days >= first);
  return stretches[Math.max(0, index)] ?? "0";
}
