import type { Pool } from "../../src/database/connect.ts";

/**
 * The same database, of which something happens right before the first statement that begins so and is not the
 * first of its kind: as when another transaction commits between two statements of one answer.
 */
export function happeningBetween(
  sql: Pool,
  isIt: (statement: string) => boolean,
  happen: () => Promise<unknown>,
): Pool {
  let hasHappened = false;
  return new Proxy(sql, {
    apply(target, of, given: [TemplateStringsArray, ...unknown[]]) {
      const ask = () => Reflect.apply(target, of, given);
      if (hasHappened || !Array.isArray(given[0]) || !isIt(given[0].join("?"))) return ask();
      hasHappened = true;
      return happen().then(ask);
    },
  });
}
