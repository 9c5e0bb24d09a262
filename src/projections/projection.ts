import type { EventType, Fact } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";

/**
 * How facts become rows. `apply` gets a page of facts at once and runs in the consumer's transaction;
 * its rows must depend on the set of facts applied so far and never on their order or number.
 */
export interface Projection {
  tables: string[];
  apply(sql: Sql, facts: Fact[]): Promise<void>;
}

export function factsOf<T extends EventType>(facts: Fact[], eventType: T): Fact<T>[] {
  // The cast: TypeScript does not narrow a union by a generic discriminant.
  return facts.filter((fact) => fact.eventType === eventType) as Fact<EventType>[] as Fact<T>[];
}

/** A page's rows as one parameter, to be opened with `jsonb_to_recordset`. */
export const recordset = (rows: object[]) => JSON.stringify(rows);
