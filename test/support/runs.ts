import { SEED } from "./seed.ts";

/**
 * How often a property is tried whose every try costs a while. Each commit takes other values (`seed.ts`), so what
 * one leaves out another one has; the workflow `test` tries twice as many, `nightly` many more (`PROPERTY_RUNS`).
 */
export const runs = (times: number) => Math.ceil(times * Number(process.env.PROPERTY_RUNS || 1));

/**
 * Of what is alike and costs time, one in so many: the ones of this commit's seed, so that the next commits
 * try the others. All of them where `PROPERTY_RUNS` says so many.
 */
export const isTurn = (index: number, oneIn: number) =>
  (index + SEED) % Math.max(1, Math.ceil(oneIn / runs(1))) === 0;
