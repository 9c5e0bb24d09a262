import { createHash } from "node:crypto";
import type { Sql } from "../../database/connect.ts";
import type { SoldOutPolicy } from "../../rules/sold-out.ts";
import type { ChangeNews } from "../tables/change-news.ts";
import type { RowPolicy } from "../tables/event-made-of.ts";
import type { EventInRows } from "../tables/event-state.ts";
import { stableJson } from "../tables/stable-json.ts";
import type { Touched } from "../tables/touched.ts";

/** The operator's settings that rows are made under. */
export interface RowSettings extends RowPolicy {
  soldOut?: SoldOutPolicy;
}

/**
 * How rows are made of the kept history under the operator's settings. What always holds: an event's
 * rows are a function of its history and of the settings, and all of them are of the same settings.
 */
export interface Derivation {
  /** Stays what it is: by it the database knows under which settings rows were made. */
  name: string;
  tables: readonly string[];
  /** Tables that spare work and may differ for the same history: a replay does not compare them. */
  memory?: readonly string[];
  /** What of the settings the rows depend on, with a number to raise when the program makes other rows. */
  madeOf(settings: RowSettings): unknown;
  /** Makes the events' rows anew from each one's instant on. What came before it is as it was. */
  derive: Derive;
  /**
   * Asks at once for what `derive` will want if these are the events and instants that it is given, as those
   * that a page touches most often are, and gives a `derive` that has it.
   */
  ahead?(sql: Sql, touched: readonly Touched[]): Derive;
}

export type Derive = (
  sql: Sql,
  touched: readonly Touched[],
  context: DeriveContext,
) => Promise<Derived>;

/** What was derived: all its statements were sent, and `news` knows of all changes. */
export interface Derived {
  /** Waits for those that were sent last. */
  written: Promise<unknown>;
}

export interface DeriveContext {
  settings: RowSettings;
  /** Rows of now that are read in this transaction and behind its last write; of some events. */
  rows?: Promise<ReadonlyMap<string, EventInRows>> | undefined;
  /** Told of the changes that come and go; absent where nobody is to hear of them. */
  news?: ChangeNews | undefined;
  /** Told of an event whose rows cannot be made: they stay as they are, the others' are made. */
  onFault(eventId: string, error: unknown): void;
  /**
   * Leaves an event to the background, where it would take too long here; its rows stay as they are.
   * Absent where it may take its time.
   */
  postpone?: ((touched: Touched) => void) | undefined;
}

/** Tells settings apart by what the rows depend on. */
export const digestOf = ({ madeOf }: Pick<Derivation, "madeOf">, settings: RowSettings) =>
  createHash("sha256")
    .update(stableJson(madeOf(settings)))
    .digest("hex")
    .slice(0, 32);
