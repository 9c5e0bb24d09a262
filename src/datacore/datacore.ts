import type { Fact, NewFact } from "../contracts/index.ts";

/** Why a fact cannot be read whose type this program does not know. A newer one may. */
export const NO_CONTRACT = "no contract of this name";

/** A fact that no contract can read. */
export interface Unreadable {
  factId: string;
  eventType: string;
  reason: string;
  /** Where the payload has one: what the outbox knows the fact by. */
  idempotencyKey?: string;
  /** What the payload has in the place of its account. */
  account?: string;
}

export interface Page {
  /** In the order of their ids' times. */
  facts: Fact[];
  unreadable: Unreadable[];
  /** Undefined at the end of the bucket, and only there: a short or empty page may go on. */
  cursor?: string;
}

export interface PageRequest {
  flowType: string;
  timeBucket: string;
  pageSize: number;
  cursor?: string;
  /** Inclusive; need not exist. Only without a cursor. */
  fromFactId?: string;
  /** Inclusive; need not exist. */
  toFactId?: string;
}

/** The log of facts. `flowcore.ts` is the real one. Failures are sorted as `Failure` sorts them. */
export interface Datacore {
  /**
   * Returns the fact's id; that it was taken does not yet mean that it can be read. The trace that it
   * belongs to is kept beside it.
   */
  append(fact: NewFact, traceparent?: string): Promise<string>;
  /** Facts of one event type in one request: it takes all of them or none. Returns their ids. */
  appendAll(facts: readonly NewFact[], traceparent?: string): Promise<string[]>;
  /** The hours that hold facts of a flow type, ascending. The list may lag behind the facts. */
  readTimeBuckets(flowType: string, from?: string): Promise<string[]>;
  readPage(request: PageRequest): Promise<Page>;
  close(): void;
}
