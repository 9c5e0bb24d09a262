import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Pool, Sql } from "../database/connect.ts";

/** Told on commit when a delivery waits to be translated. */
export const INBOX_CHANNEL = "inbox";

export interface NewDelivery {
  account: string | null;
  type: string;
  receivedAt: Date;
  /** Exactly as it came. */
  body: Uint8Array;
}

/** Keeps a delivery, in the caller's transaction; false when the same bytes were kept before. */
export async function keep(sql: Sql, { account, type, receivedAt, body }: NewDelivery) {
  const digest = createHash("sha256").update(body).digest();
  const kept = await sql`
    insert into inbox (digest, account, type, received_at, body)
    values (${digest}, ${account}, ${type}, ${receivedAt}, ${gzipSync(body, { level: 1 })})
    on conflict (digest) do nothing
  `;
  if (kept.count > 0) await sql`select pg_notify(${INBOX_CHANNEL}, '')`;
  return kept.count > 0;
}

export interface WaitingDelivery {
  deliveryId: string;
  account: string | null;
  type: string;
  receivedAt: Date;
  body: Uint8Array;
}

/** The oldest delivery that nobody else translates now. */
export async function takeWaiting(tx: Sql): Promise<WaitingDelivery | undefined> {
  const [row] = await tx<WaitingDelivery[]>`
    select delivery_id, account, type, received_at, body
    from inbox
    where translated_at is null and refused_at is null and body is not null
    order by delivery_id
    limit 1
    for update skip locked
  `;
  return row && { ...row, body: gunzipSync(row.body) };
}

export const markTranslated = (sql: Sql, deliveryId: string, at: Date) => sql`
  update inbox set translated_at = ${at} where delivery_id = ${deliveryId}
`;

/** It can not be translated: kept with its reason until a person has looked. */
export const markRefused = (sql: Sql, deliveryId: string, at: Date, reason: string) => sql`
  update inbox set refused_at = ${at}, reason = ${reason} where delivery_id = ${deliveryId}
`;

/** The digests stay, so that a late repetition is still known. */
export const deleteBodiesBefore = (sql: Sql, before: Date) => sql`
  update inbox set body = null where translated_at < ${before} and body is not null
`;

/** Counts an accepted delivery of any type. */
export const noteWebhook = (sql: Sql, account: string, type: string, at: Date) => sql`
  insert into webhook_seen (account, type, received_at, deliveries)
  values (${account}, ${type}, ${at}, 1)
  on conflict (account, type) do update set
    received_at = greatest(webhook_seen.received_at, excluded.received_at),
    deliveries  = webhook_seen.deliveries + 1
`;

export interface InboxState {
  waiting: number;
  oldestWaitingAt: Date | null;
  refused: number;
}

export async function readInboxState(sql: Pool): Promise<InboxState> {
  const [state] = await sql<InboxState[]>`
    select
      count(*) filter (where refused_at is null)::int as waiting,
      min(received_at) filter (where refused_at is null) as oldest_waiting_at,
      count(*) filter (where refused_at is not null)::int as refused
    from inbox
    where translated_at is null
  `;
  return state ?? { waiting: 0, oldestWaitingAt: null, refused: 0 };
}

export const readLastWebhooks = (sql: Pool) => sql<{ account: string; receivedAt: Date }[]>`
  select account, max(received_at) as received_at from webhook_seen group by account order by account
`;
