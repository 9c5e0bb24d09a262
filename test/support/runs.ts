/**
 * How often a property is tried whose every try costs PostgreSQL a while. Each run takes other values, so what
 * one run leaves out another one has; the `test` workflow tries so many times more (`PROPERTY_RUNS`).
 */
export const runs = (times: number) => Math.ceil(times * Number(process.env.PROPERTY_RUNS || 1));
