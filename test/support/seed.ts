/**
 * All that chance chooses in tests follows from this one number. `npm test` takes it from the commit: the same
 * commit is always tried with the same cases, and the next one with others. `PROPERTY_SEED` plays a run again;
 * `npm run properties` tries many. Where nobody says one (`bun test` by itself), it is always the same.
 */
export const SEED = Number(process.env.PROPERTY_SEED || 1);

/** So many seeds in turn, for what is not fast-check's: `PROPERTY_SEED=<the one that failed>` begins with it. */
export const seeds = (count: number) => Array.from({ length: count }, (_, n) => SEED + n);
