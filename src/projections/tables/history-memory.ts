import type { Order, Run } from "./change-history.ts";

/**
 * What is in the newest rows, for whoever alone writes them and reads a long log: of each event how far
 * its facts reach and the run that each thing is in. It spares a look into the database for everything
 * that a fact names. After a transaction that failed it has to be cleared.
 */
export interface HistoryMemory {
  /** Of a facts' table, by event. */
  newest(table: string): Map<string, Order>;
  /** Of a rows' table and an event, by thing; null for what has no row. */
  runs(table: string, eventId: string): Map<string, Run | null>;
  /** The sets that facts of a table name and that are kept. */
  sets(table: string): Set<string>;
  /** Facts came late: what is cached of the event is not the newest any more. */
  forget(eventId: string): void;
  clear(): void;
}

const MOST_SETS = 5_000;

/** So many events at most: those that were not asked for the longest give way. */
export function historyMemory({ events = 300 } = {}): HistoryMemory {
  const newest = new Map<string, Map<string, Order>>();
  const sets = new Map<string, Set<string>>();
  const runs = new Map<string, Map<string, Map<string, Run | null>>>();

  return {
    newest(table) {
      const known = newest.get(table) ?? new Map<string, Order>();
      newest.set(table, known);
      return known;
    },
    runs(table, eventId) {
      const ofEvent = runs.get(eventId) ?? new Map<string, Map<string, Run | null>>();
      runs.delete(eventId);
      runs.set(eventId, ofEvent);
      const [oldest] = runs.size > events ? runs.keys() : [];
      if (oldest !== undefined) runs.delete(oldest);
      const ofTable = ofEvent.get(table) ?? new Map<string, Run | null>();
      ofEvent.set(table, ofTable);
      return ofTable;
    },
    sets(table) {
      const known = sets.get(table) ?? new Set<string>();
      if (known.size > MOST_SETS) known.clear();
      sets.set(table, known);
      return known;
    },
    forget(eventId) {
      runs.delete(eventId);
      for (const known of newest.values()) known.delete(eventId);
    },
    clear() {
      newest.clear();
      sets.clear();
      runs.clear();
    },
  };
}
