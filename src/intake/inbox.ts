import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Pool, Sql } from "../database/connect.ts";

/** Told on commit when a delivery waits to be translated. */
export const INBOX_CHANNEL = "inbox";

export interface PackedBody {
  /** Of the raw bytes. */
  digest: Buffer;
  /** Exactly the bytes that came, compressed. */
  compressed: Buffer;
}

export interface NewDelivery extends PackedBody {
  account: string | null;
  type: string;
  receivedAt: Date;
}

export const digestOfBody = (body: Uint8Array) => createHash("sha256").update(body).digest();

/** Keeps deliveries; tells, and gives the digests of, those that were not kept before. */
export const keep = (sql: Sql, deliveries: NewDelivery[]) => sql<{ digest: Buffer }[]>`
  insert into inbox (digest, account, type, received_at, body)
  select decode(digest, 'hex'), account, type, received_at, decode(body, 'hex')
  from unnest(
    ${deliveries.map(({ digest }) => digest.toString("hex"))}::text[],
    ${deliveries.map(({ account }) => account)}::text[],
    ${deliveries.map(({ type }) => type)}::text[],
    ${deliveries.map(({ receivedAt }) => receivedAt.toISOString())}::timestamptz[],
    ${deliveries.map(({ compressed }) => compressed.toString("hex"))}::text[]
  ) as new (digest, account, type, received_at, body)
  -- In one order everywhere, so that two that keep the same bytes never wait for each other.
  order by digest
  on conflict (digest) do nothing
  returning digest, pg_notify(${INBOX_CHANNEL}, '')
`;

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

/** Counts accepted deliveries of any type, by account and type. */
export const noteWebhooks = (
  sql: Sql,
  webhooks: { account: string; type: string; receivedAt: Date }[],
) => sql`
  insert into webhook_seen (account, type, received_at, deliveries)
  select account, type, max(received_at), count(*)
  from unnest(
    ${webhooks.map(({ account }) => account)}::text[],
    ${webhooks.map(({ type }) => type)}::text[],
    ${webhooks.map(({ receivedAt }) => receivedAt.toISOString())}::timestamptz[]
  ) as new (account, type, received_at)
  group by account, type
  order by account, type
  on conflict (account, type) do update set
    received_at = greatest(webhook_seen.received_at, excluded.received_at),
    deliveries  = webhook_seen.deliveries + excluded.deliveries
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

/** Deliveries that could not be translated wait again, after a fix; returns how many. */
export async function releaseRefusedDeliveries(sql: Sql): Promise<number> {
  const released = await sql`
    update inbox set refused_at = null, reason = null
    where refused_at is not null and body is not null
  `;
  await sql`select pg_notify(${INBOX_CHANNEL}, '')`;
  return released.count;
}
