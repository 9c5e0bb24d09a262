import type { Sql } from "../../database/connect.ts";
import { type Column, columns } from "../../database/table-columns.ts";
import type { FreshFact, Merged, Order, Seen, Value } from "./change-history.ts";
import type { RememberedTable } from "./remembered-rows.ts";

/** The facts of a history: one row each, which says where it stands and which things it names. */
export interface FactTable {
  table: string;
  /** What orders facts: their times, and last their key. */
  order: readonly Column[];
  /** Which column of the order says when the fact was learned. */
  seen: string;
  /** Only rows of which this column is true are facts of the history. */
  where?: string;
  /** The numbers of the sets of things that a fact names. */
  sets: readonly Column[];
}

/** Rows of a history: each says what a fact said that was not said before it. */
export interface RowTable {
  table: string;
  facts: FactTable;
  /** Names the thing; absent where an event has but one. */
  item?: string;
  /** The table that holds each thing's newest values, in columns of the same names, and `changed_at`. */
  current?: RememberedTable;
  /** Whether a fact may have been learned before one that it stands behind, so that runs say since when. */
  keepsSince: boolean;
  /** Of the facts' table: the set of things that a fact names; absent where each names the one. */
  setColumn?: string;
  values: readonly Column[];
  /**
   * Where the value is a document: what it is as columns. A row that no current row can be made of is
   * refused whether or not a newer one makes it.
   */
  document?: readonly Column[];
  /** A row's columns as the text that two of them are compared by, and back. */
  textOf: (row: Record<string, unknown>) => Value;
  columnsOf: (value: Value) => Record<string, unknown>;
}

/** What is to be merged into one event's history. */
export interface EventFacts {
  eventId: string;
  /** Before the first fact that is fresh or forgotten nothing changes. */
  from: Order;
  /** The newest known fact stands at or behind it. */
  isLate: boolean;
  fresh: readonly FreshFact[];
  forgotten: ReadonlySet<Order>;
}

export interface EventMerge extends Merged {
  eventId: string;
}

/** Where an event has one thing of a kind, that is its name. */
export const THE_ONE = "";

const SEPARATOR = " ";

/** Times to the millisecond in UTC sort as texts do. */
export const orderOf = (...parts: readonly (Date | string)[]): Order =>
  parts.map((part) => (part instanceof Date ? part.toISOString() : part)).join(SEPARATOR);

/** An order as columns; a key may hold blanks, a time does not. */
export function columnsOfOrder({ order }: FactTable, text: Order): Record<string, string> {
  const parts = text.split(SEPARATOR);
  return Object.fromEntries(
    order.map(({ name }, index) => [
      name,
      index < order.length - 1 ? (parts[index] ?? "") : parts.slice(index).join(SEPARATOR),
    ]),
  );
}

/** The instant at which it stands: of its times the first. */
export const instantOf = (order: Order) => new Date(order.split(SEPARATOR, 1)[0] ?? "");

/** When a fact that stands here was learned. */
export const seenOf = (facts: FactTable, order: Order): Seen =>
  columnsOfOrder(facts, order)[facts.seen] ?? "";

export const orderOfRow = ({ order }: FactTable, row: Record<string, unknown>) =>
  // The cast: an order's columns are times and a text.
  orderOf(...order.map(({ field }) => row[field] as Date | string));

/** The newest fact first. */
export const newestFirst = (sql: Sql, { order }: FactTable, table: string) =>
  sql.unsafe(order.map(({ name }) => `${table}."${name}" desc`).join(", "));

/** Since when a run has been so, where that is kept of it. */
export const sinceColumns = ({ keepsSince }: Pick<RowTable, "keepsSince">) =>
  keepsSince ? SINCE : NO_COLUMNS;

export const SINCE = columns({ since: "timestamptz" });
const NO_COLUMNS: readonly Column[] = [];
