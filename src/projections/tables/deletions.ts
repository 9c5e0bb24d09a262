import type { EventDeleted } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { type KeepOptions, recordset } from "./projection.ts";

export async function keepDeletions(
  sql: Sql,
  deleted: readonly EventDeleted[],
  { again = false }: KeepOptions,
): Promise<void> {
  if (deleted.length === 0) return;
  if (again) {
    const keys = deleted.map(({ idempotencyKey }) => idempotencyKey);
    const eventIds = deleted.map(({ eventId }) => eventId);
    await sql`
      delete from event_deletion
      where event_id = any(${eventIds}::text[]) and fact_key = any(${keys}::text[])
    `;
  }
  const rows = deleted.map(({ eventId, idempotencyKey, account, observedAt }) => ({
    event_id: eventId,
    fact_key: idempotencyKey,
    account,
    observed_at: observedAt,
  }));
  await sql`
    insert into event_deletion (event_id, fact_key, account, observed_at)
    select event_id, fact_key, account, observed_at
    from jsonb_to_recordset(${recordset(rows)}::text::jsonb) as new (
      event_id text, fact_key text, account text, observed_at timestamptz
    )
    on conflict do nothing
  `;
}
