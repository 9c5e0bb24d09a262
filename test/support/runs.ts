/**
 * How often a property is tried whose every try costs a while. Each commit takes other values (`seed.ts`), so what
 * one leaves out another one has; the workflow `test` tries twice as many, `nightly` many more (`PROPERTY_RUNS`).
 */
export const runs = (times: number) => Math.ceil(times * Number(process.env.PROPERTY_RUNS || 1));
