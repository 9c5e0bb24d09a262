import type { Fact } from "../contracts/index.ts";
import type { Pool, Sql } from "../database/connect.ts";
import { isDataFault } from "../database/fault.ts";
import type { Datacore, Unreadable } from "../datacore/datacore.ts";
import { confirm } from "../datacore/outbox.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { ROWS_CHANNEL } from "./page.ts";
import type { Projection } from "./projection.ts";

/** A fact that could not be applied, and where in the log it is. */
export interface FactSetAside {
  factId: string;
  flowType: string;
  eventType: string;
  timeBucket: string;
  reason: string;
  setAsideAt: Date;
}

export const readSetAside = (sql: Sql, factId?: string) => sql<FactSetAside[]>`
  select fact_id, flow_type, event_type, time_bucket, reason, set_aside_at
  from set_aside
  ${factId === undefined ? sql`` : sql`where fact_id = ${factId}`}
  order by set_aside_at, fact_id
`;

/**
 * - `applied`  it is rows now
 * - `kept`     it still can not be applied; `reason` says why
 * - `gone`     somebody else put it back meanwhile
 */
export interface Retried {
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
  log: Logger;
  signal?: AbortSignal;
}

const PAGE_SIZE = 50;

/** Puts facts back after a mend: each is read again from the log, and applied as the reader would have. */
export function setAsideRetrier({ sql, datacore, projections, clock, log, signal }: RetryOptions) {
  return async function retry(facts: FactSetAside[]): Promise<Retried[]> {
    const retried: Retried[] = [];
    for (const fact of facts) {
      if (signal?.aborted) break;
      const { factId, flowType } = fact;
      const result = { factId, flowType, ...(await retryOne(fact)) };
      log.info(result, "fact.retried");
      retried.push(result);
    }
    return retried;
  };

  async function retryOne(fact: FactSetAside): Promise<Pick<Retried, "outcome" | "reason">> {
    const found = await readAgain(fact);
    if (!found) return { outcome: "kept", reason: "the log does not show it" };
    if ("reason" in found) return keep(fact, found.reason);
    try {
      const applied = await apply(found);
      return { outcome: applied ? "applied" : "gone", reason: null };
    } catch (error) {
      if (!isDataFault(error)) throw error;
      return keep(fact, `PostgreSQL: ${error.code}`);
    }
  }

  async function readAgain({ factId, flowType, timeBucket }: FactSetAside) {
    let cursor: string | undefined;
    do {
      const page = await datacore.readPage({
        ...{ flowType, timeBucket, pageSize: PAGE_SIZE, toFactId: factId },
        ...(cursor === undefined ? { fromFactId: factId } : { cursor }),
      });
      const all: (Fact | Unreadable)[] = [...page.facts, ...page.unreadable];
      const found = all.find((one) => one.factId === factId);
      if (found) return found;
      cursor = page.cursor;
    } while (cursor !== undefined);
    return undefined;
  }

  /** The reader, in whichever process, checks this row in every transaction it writes in: now it waits. */
  function apply(fact: Fact): Promise<boolean> {
    return sql.begin(async (tx) => {
      await tx`select token from lease where name = 'consumer' for update`;
      const mine = await tx`delete from set_aside where fact_id = ${fact.factId} returning fact_id`;
      if (mine.length === 0) return false;
      for (const projection of projections) await projection.apply(tx, [fact]);
      await confirm(tx, [fact.payload.idempotencyKey], clock.now());
      await tx`select pg_notify(${ROWS_CHANNEL}, '')`;
      return true;
    });
  }

  async function keep({ factId }: FactSetAside, reason: string) {
    await sql`update set_aside set reason = ${reason} where fact_id = ${factId}`;
    return { outcome: "kept" as const, reason };
  }
}
