import type { Sql } from "../../database/connect.ts";
import { deliveryIdOf } from "./dead-deliveries.ts";
import { INBOX_CHANNEL } from "./inbox.ts";

/** A webhook in the inbox, without what it says. */
export interface StoredDelivery {
  id: string;
  account: string | null;
  type: string;
  receivedAt: Date;
  translatedAt: Date | null;
  /** Its body is there still, so that it can be delivered again. */
  isStored: boolean;
}

/** Newest first. */
export const readStoredDeliveries = (sql: Sql, limit: number) => sql<StoredDelivery[]>`
  select
    'delivery-' || delivery_id as id, account, type, received_at, translated_at,
    body is not null as is_stored
  from inbox order by delivery_id desc limit ${limit}
`;

/** As if they had just come: returns those whose bodies are there still. What waits already goes on waiting. */
export async function deliverAgain(sql: Sql, ids: readonly string[]): Promise<Set<string>> {
  const numbers = ids.flatMap((id) => deliveryIdOf(id) ?? []);
  const rows = await sql<{ id: string }[]>`
    update inbox
    set
      translated_at = null, failures = 0, first_failed_at = null, next_attempt_at = null,
      refused_at = null, dropped_at = null, reason = null
    where delivery_id = any(${numbers}::bigint[]) and body is not null
    returning 'delivery-' || delivery_id as id
  `;
  await sql`select pg_notify(${INBOX_CHANNEL}, '')`;
  return new Set(rows.map(({ id }) => id));
}
