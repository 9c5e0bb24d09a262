import type { EventType, Fact } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";

/**
 * How facts become rows: every version that the log holds, and from these the current rows. All of it
 * runs in the caller's transaction, and depends on the set of facts and never on their order or number.
 */
interface Parts {
  tables: string[];
  /** The tables whose rows are each made of one fact, named by its key. */
  keyedTables: string[];
  /** Keeps what the facts say; what is kept already changes nothing. */
  keep(sql: Sql, facts: Fact[]): Promise<void>;
  /** Makes the current rows of whatever these facts are about anew from all that is kept. */
  refresh(sql: Sql, facts: Fact[]): Promise<void>;
  /** The same for everything. */
  rebuild(sql: Sql): Promise<void>;
}

export interface Projection extends Parts {
  apply(sql: Sql, facts: Fact[]): Promise<void>;
  /** Deletes what these facts left, so that they can be kept as if they had never been read. */
  forget(sql: Sql, facts: Fact[]): Promise<void>;
}

export const projection = (parts: Parts): Projection => ({
  ...parts,
  async apply(sql, facts) {
    await parts.keep(sql, facts);
    await parts.refresh(sql, facts);
  },
  async forget(sql, facts) {
    const keys = facts.map(({ payload }) => payload.idempotencyKey);
    for (const table of parts.keyedTables)
      await sql`delete from ${sql(table)} where fact_key = any(${keys}::text[])`;
  },
});

export function factsOf<T extends EventType>(facts: Fact[], eventType: T): Fact<T>[] {
  // The cast: TypeScript does not narrow a union by a generic discriminant.
  return facts.filter((fact) => fact.eventType === eventType) as Fact<EventType>[] as Fact<T>[];
}

/** A page's rows as one parameter, to be opened with `jsonb_to_recordset`. */
export const recordset = (rows: object[]) => JSON.stringify(rows);
