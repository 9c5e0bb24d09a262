import type { Fact } from "../../contracts/index.ts";
import { limitStatements, type Pool, type Sql } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import { lockLease } from "../../database/lease-names.ts";
import type { Datacore, Unreadable } from "../../datacore/datacore.ts";
import { confirm } from "../../datacore/outbox.ts";
import { isTimeUuid } from "../../datacore/time-uuid.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { within } from "../../lib/time-limit.ts";
import { nextTryAt, slowestTryAt } from "../../lib/tries.ts";
import { applyBegun, type Projection } from "../tables/projection.ts";
import type { Touched } from "../tables/touched.ts";
import { pagesOfBucket } from "./bucket-pages.ts";
import { readCheckpoint } from "./checkpoint.ts";
import {
  type DeadFact,
  makeKnownDue,
  noteFailedTry,
  readDueFacts,
  undropFacts,
} from "./dead-letters.ts";
import { rowTeller } from "./row-messages.ts";

/**
 * - `applied`  it is rows now
 * - `kept`     it still cannot be applied; `reason` says why
 * - `gone`     somebody else retried it meanwhile
 */
export interface Retried {
  id: string;
  factId: string;
  flowType: string;
  outcome: "applied" | "kept" | "gone";
  reason: string | null;
}

export interface RetryOptions {
  sql: Pool;
  datacore: Datacore;
  projections: Projection[];
  clock: Clock;
  logger: Logger;
  signal?: AbortSignal;
  /** Throws when this fact's flow type is held, or another process retries by now; of each writing transaction. */
  check?: (tx: Sql, flowType: string) => Promise<void>;
  /** Told of each fact that was applied by itself at a later try. */
  onApplied?: (flowType: string) => void;
  /** For one fact: the live reader waits meanwhile. */
  limitMs?: number;
}

const PAGE_SIZE = 50;
const LIMIT_MS = 5_000;
/** Of those that are due by themselves, no more at one time. */
const SOME = 20;

/** Retries dead letters after a mend: each is read again from the log, and applied as the reader would have. */
export function deadLetterRetrier(options: RetryOptions) {
  const { sql, datacore, projections, clock, logger, signal, limitMs = LIMIT_MS } = options;
  let isFirst = true;

  async function retry(facts: DeadFact[]): Promise<Retried[]> {
    const retried: Retried[] = [];
    for (const fact of facts) {
      if (signal?.aborted) break;
      const { id, factId, flowType } = fact;
      const result = { id, factId, flowType, ...(await retryOne(fact, null)) };
      logger.info(result, "fact.retried");
      retried.push(result);
    }
    return retried;
  }

  /**
   * What nobody foresaw is tried a few times more by itself, with growing pauses; what an older program did
   * not know, once.
   */
  async function retryDue(): Promise<"more" | "idle"> {
    if (isFirst) await makeKnownDue(sql, clock.now());
    isFirst = false;
    const due = await readDueFacts(sql, clock.now(), SOME);
    for (const fact of due) {
      if (signal?.aborted) return "idle";
      const { factId, flowType } = fact;
      const retried = await retryOne(fact, await nextTryOf(fact));
      if (retried.outcome === "applied") options.onApplied?.(flowType);
      logger.info({ factId, flowType, ...retried }, "fact.retried");
    }
    return due.length === SOME ? "more" : "idle";
  }

  return { retry, retryDue };

  async function retryOne(
    fact: DeadFact,
    nextAttemptAt: Date | null,
  ): Promise<Pick<Retried, "outcome" | "reason">> {
    const keep = async (reason: string, next: Date | null) => {
      await noteFailedTry(sql, fact, { reason, nextAttemptAt: next });
      return { outcome: "kept" as const, reason };
    };
    const found = await readAgain(fact);
    if (!found) return keep("the log does not show it", null);
    if ("reason" in found) return keep(found.reason, null);
    try {
      const applied = await apply(found, fact.flowType);
      return { outcome: applied ? "applied" : "gone", reason: null };
    } catch (error) {
      for (const projection of projections) projection.forget?.();
      const blame = blameOf(error);
      if (blame === "outage") throw error;
      return keep(causeOf(error), blame === "item" ? null : nextAttemptAt);
    }
  }

  /** What hangs may do so by everybody's fault, while the reader does not come to its end either. */
  async function nextTryOf({ failures, flowType, at }: DeadFact): Promise<Date | null> {
    const now = clock.now();
    const next = nextTryAt(failures + 1, now);
    if (next) return next;
    const reached = await readCheckpoint(sql, flowType);
    return reached && reached.readAt > at ? null : slowestTryAt(now);
  }

  async function readAgain({ id, flowType, timeBucket }: DeadFact) {
    // What has no such id in the log is looked for in its whole hour: it comes under a stand-in.
    const only = isTimeUuid(id) && { fromFactId: id, toFactId: id };
    const place = { flowType, timeBucket, ...only };
    for await (const page of pagesOfBucket(datacore.readPage, place, () => PAGE_SIZE)) {
      const all: (Fact | Unreadable)[] = [...page.facts, ...page.unreadable];
      const found = all.find((one) => one.factId === id);
      if (found) return found;
    }
    return undefined;
  }

  /** The reader, in whichever process, checks this row in every transaction it writes in: now it waits. */
  function apply(fact: Fact, flowType: string): Promise<boolean> {
    return sql.begin(async (tx) => {
      await lockLease(tx, "consumer");
      await options.check?.(tx, flowType);
      return within(limitMs, () => applyIn(tx, fact));
    });
  }

  async function applyIn(tx: Sql, fact: Fact): Promise<boolean> {
    await limitStatements(tx, limitMs);
    const mine = await tx`delete from set_aside where fact_id = ${fact.factId} returning fact_id`;
    if (mine.length === 0) return false;
    const { news, tell } = rowTeller();
    const touched: Touched[] = [];
    // An older program may have made rows of it before this one failed with it.
    for (const projection of projections)
      touched.push(...(await applyBegun(projection.begin(tx, [fact], { news, again: true }))));
    await undropFacts(tx, [fact.factId]);
    await confirm(tx, [fact.payload.idempotencyKey], clock.now());
    await tell(tx, [fact], touched);
    return true;
  }
}
