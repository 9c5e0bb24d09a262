import type { EventType, Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { ChangeNews } from "./change-news.ts";
import type { HistoryMemory } from "./history-memory.ts";
import { type RowsMemory, rowsMemory } from "./remembered-rows.ts";
import type { Touched } from "./touched.ts";

export interface KeepOptions {
  /** Facts that were kept before are kept as if they had never been read. */
  again?: boolean;
  /** For whoever alone writes these rows. */
  memory?: HistoryMemory;
  /** The current rows are kept with the history: what is newest is read from them, or remembered of them. */
  current?: RowsMemory;
}

/**
 * How facts become rows: the history that the log holds, and from it the current rows. All of it runs in
 * the caller's transaction, whose statements come in the order in which they are sent, and depends on
 * the set of facts and never on their order or number.
 */
interface Parts<Kept> {
  tables: string[];
  /** Keeps what the facts say, and returns what it changed; what is kept already changes nothing. */
  keep(sql: Sql, facts: Fact[], options: KeepOptions): Promise<Kept>;
  /** Makes the current rows of what was changed anew from all that is kept; sends for it at once. */
  refresh(sql: Sql, kept: Kept): Promise<unknown>;
  /** The events of which something is known otherwise; absent where rows are of no event. */
  touched?(kept: Kept): Touched[];
  /** The same for everything. */
  rebuild(sql: Sql): Promise<unknown>;
}

/** What was begun: PostgreSQL has all statements of it, and answers them in their order. */
export interface Begun {
  touched: Touched[];
  /** Waits for what was sent last. */
  written: Promise<unknown>;
}

export interface BeginOptions {
  /** Told of changes that are there now and were not; it is complete when all is begun. */
  news?: ChangeNews | undefined;
  /** What is remembered of current rows. */
  rows?: RowsMemory;
  /** Facts that were applied before are applied as if they had never been read. */
  again?: boolean;
}

export interface Projection {
  tables: string[];
  /** Tables that belong to the rows and may differ for the same facts: a replay does not compare them. */
  memory: string[];
  /**
   * Applies facts without a wait for the rows that are written last: what is sent behind them, a commit too,
   * finds them made. Whoever commits fails with `written`: then the commit was a rollback.
   */
  begin(sql: Sql, facts: Fact[], options?: BeginOptions): Promise<Begun>;
  /** The same, and waits. Returns what it changed. */
  apply(sql: Sql, facts: Fact[], news?: ChangeNews): Promise<Touched[]>;
  /** Keeps what the facts say and leaves the current rows to `rebuild`. */
  keep(sql: Sql, facts: Fact[], options?: KeepOptions): Promise<void>;
  rebuild(sql: Sql): Promise<void>;
  /** After a transaction that failed: what is remembered may be of rows that were never committed. */
  forget?(): void;
}

export const applyBegun = async (beginning: Promise<Begun>): Promise<Touched[]> => {
  const { touched, written } = await beginning;
  await written;
  return touched;
};

export function projection<Kept>(parts: Parts<Kept>): Projection {
  async function begin(
    sql: Sql,
    facts: Fact[],
    { rows = rowsMemory(), again = false }: BeginOptions = {},
  ) {
    const kept = await parts.keep(sql, facts, { current: rows, again });
    const written = parts.refresh(sql, kept);
    // Whoever fails before it is waited for tells of that.
    written.catch(() => {});
    return { touched: parts.touched?.(kept) ?? [], written };
  }
  return {
    tables: parts.tables,
    memory: [],
    begin,
    apply: (sql, facts) => applyBegun(begin(sql, facts)),
    async keep(sql, facts, options = {}) {
      await parts.keep(sql, facts, options);
    },
    async rebuild(sql) {
      await parts.rebuild(sql);
    },
  };
}

export function factsOf<T extends EventType>(facts: Fact[], eventType: T): Fact<T>[] {
  // The cast: TypeScript does not narrow a union by a generic discriminant.
  return facts.filter((fact) => fact.eventType === eventType) as Fact<EventType>[] as Fact<T>[];
}

/** A page's rows as one parameter, to be opened with `jsonb_to_recordset`. */
export const recordset = (rows: object[]) => JSON.stringify(rows);
