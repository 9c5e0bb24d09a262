/**
 * How often a property is tried whose every try costs a while. Each run takes other values, so what one run
 * leaves out another one has; the workflow `test` tries twice as many, `nightly` many more (`PROPERTY_RUNS`).
 */
export const runs = (times: number) => Math.ceil(times * Number(process.env.PROPERTY_RUNS || 1));
