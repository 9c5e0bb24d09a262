import type { EventType, Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { HistoryMemory } from "./history-memory.ts";

export interface KeepOptions {
  /** Facts that were kept before are kept as if they had never been read. */
  again?: boolean;
  /** For whoever alone writes these rows. */
  memory?: HistoryMemory;
}

/**
 * How facts become rows: the history that the log holds, and from it the current rows. All of it runs in
 * the caller's transaction, and depends on the set of facts and never on their order or number.
 */
interface Parts<Touched> {
  tables: string[];
  /** Keeps what the facts say, and returns what it changed; what is kept already changes nothing. */
  keep(sql: Sql, facts: Fact[], options: KeepOptions): Promise<Touched>;
  /** Makes the current rows of what was changed anew from all that is kept. */
  refresh(sql: Sql, touched: Touched): Promise<unknown>;
  /** The same for everything. */
  rebuild(sql: Sql): Promise<unknown>;
}

export interface Projection {
  tables: string[];
  apply(sql: Sql, facts: Fact[]): Promise<void>;
  /** Keeps what the facts say and leaves the current rows to `rebuild`. */
  keep(sql: Sql, facts: Fact[], options?: KeepOptions): Promise<void>;
  rebuild(sql: Sql): Promise<void>;
}

export const projection = <Touched>(parts: Parts<Touched>): Projection => ({
  tables: parts.tables,
  async apply(sql, facts) {
    await parts.refresh(sql, await parts.keep(sql, facts, {}));
  },
  async keep(sql, facts, options = {}) {
    await parts.keep(sql, facts, options);
  },
  async rebuild(sql) {
    await parts.rebuild(sql);
  },
});

export function factsOf<T extends EventType>(facts: Fact[], eventType: T): Fact<T>[] {
  // The cast: TypeScript does not narrow a union by a generic discriminant.
  return facts.filter((fact) => fact.eventType === eventType) as Fact<EventType>[] as Fact<T>[];
}

/** A page's rows as one parameter, to be opened with `jsonb_to_recordset`. */
export const recordset = (rows: object[]) => JSON.stringify(rows);
