import type { ISql, Sql } from "postgres";
import type { StoredEvent } from "./documents.ts";
import { announce, type WebhookType } from "./listeners.ts";

/** Where changes happen: the database, the time, and who carries the webhooks that they cause. */
export interface Stage {
  sql: Sql;
  now: () => Date;
  /** Called after a change is committed. */
  wake: () => void;
}

/** A change and the webhooks it causes, both or neither. */
export async function change<Result>(
  { sql, now, wake }: Stage,
  make: (sql: ISql, at: Date) => Promise<Result>,
): Promise<Result> {
  const made = await sql.begin(async (transaction) => ({
    result: await make(transaction, now()),
  }));
  wake();
  return made.result;
}

export const announceFor = (
  sql: ISql,
  { region, document }: StoredEvent,
  { type, at }: { type: WebhookType; at: Date },
  subjects: readonly unknown[],
) => announce(sql, { region, sellerId: document.sellerId, type, at }, subjects);

export const announceEvent = (
  sql: ISql,
  event: StoredEvent,
  type: WebhookType & `event.${string}`,
  at: Date,
) => announceFor(sql, event, { type, at }, [{ event: event.document }]);
