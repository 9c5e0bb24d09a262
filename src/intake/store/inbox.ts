import { createHash } from "node:crypto";
import type { Pool, Sql } from "../../database/connect.ts";

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
  traceparent?: string | undefined;
}

export const digestOfBody = (body: Uint8Array) => createHash("sha256").update(body).digest();

/** Keeps deliveries; gives the digests of those that were not kept before, and tells of them. */
export const keep = (
  sql: Sql,
  deliveries: NewDelivery[],
  { isTold = true }: { isTold?: boolean } = {},
) => sql<{ digest: Buffer }[]>`
  insert into inbox (digest, account, type, received_at, body, traceparent)
  select decode(digest, 'hex'), account, type, received_at, decode(body, 'hex'), traceparent
  from unnest(
    ${deliveries.map(({ digest }) => digest.toString("hex"))}::text[],
    ${deliveries.map(({ account }) => account)}::text[],
    ${deliveries.map(({ type }) => type)}::text[],
    ${deliveries.map(({ receivedAt }) => receivedAt.toISOString())}::timestamptz[],
    ${deliveries.map(({ compressed }) => compressed.toString("hex"))}::text[],
    ${deliveries.map(({ traceparent = null }) => traceparent)}::text[]
  ) as new (digest, account, type, received_at, body, traceparent)
  -- In one order everywhere, so that two that keep the same bytes never wait for each other.
  order by digest
  on conflict (digest) do nothing
  returning digest ${isTold ? sql`, pg_notify(${INBOX_CHANNEL}, '')` : sql``}
`;

export interface WaitingDelivery {
  deliveryId: string;
  account: string | null;
  type: string;
  receivedAt: Date;
  compressed: Uint8Array;
  /** How often it failed. */
  failures: number;
  firstFailedAt: Date | null;
  /** Of the span in which it was kept. */
  traceparent: string | null;
}

export interface Taking {
  at: Date;
  /** So many deliveries at most. */
  most: number;
  /** Of their compressed bodies together; the first is taken whatever its size. */
  mostBytes: number;
}

/** The oldest deliveries that are due and that nobody else translates now. */
export const takeWaiting = (tx: Sql, { at, most, mostBytes }: Taking) => tx<WaitingDelivery[]>`
  with
    taken as materialized (
      select
        delivery_id, account, type, received_at, failures, first_failed_at, traceparent,
        octet_length(body) as bytes
      from inbox
      where translated_at is null and refused_at is null and body is not null
        and (next_attempt_at is null or next_attempt_at <= ${at})
      order by delivery_id
      limit ${most}
      for update skip locked
    ),
    sized as (
      select *, sum(bytes) over (order by delivery_id) - bytes as bytes_before from taken
    )
  select
    delivery_id, sized.account, sized.type, sized.received_at, inbox.body as compressed,
    sized.failures, sized.first_failed_at, sized.traceparent
  from sized join inbox using (delivery_id)
  where bytes_before < ${mostBytes}
  order by delivery_id
`;

export const markTranslated = (sql: Sql, deliveryIds: readonly string[], at: Date) => sql`
  update inbox set translated_at = ${at}, next_attempt_at = null, reason = null
  where delivery_id = any(${[...deliveryIds]}::bigint[])
`;

export interface FailedTry {
  deliveryId: string;
  /** How many there were before this one. */
  failures: number;
  at: Date;
  reason: string;
}

/**
 * It failed and is tried again later, so that it stands in nobody's way. A try that is given up just as it
 * ends may have been noted already, or have done its work: then nothing is noted.
 */
export const postponeDelivery = (
  sql: Sql,
  { deliveryId, failures, at, reason, nextAt }: FailedTry & { nextAt: Date },
) => sql`
  update inbox
  set
    failures = failures + 1, first_failed_at = coalesce(first_failed_at, ${at}),
    next_attempt_at = ${nextAt}, reason = ${reason}
  where delivery_id = ${deliveryId} and failures = ${failures} and translated_at is null
`;

/** It cannot be translated: a dead letter, kept with its reason until a person has looked. */
export const refuseDelivery = (sql: Sql, { deliveryId, failures, at, reason }: FailedTry) => sql`
  update inbox
  set
    failures = failures + 1, first_failed_at = coalesce(first_failed_at, ${at}),
    next_attempt_at = null, refused_at = ${at}, reason = ${reason}
  where delivery_id = ${deliveryId} and failures = ${failures} and translated_at is null
`;

/** Whether any delivery was translated since. */
export async function anyTranslatedSince(sql: Sql, since: Date): Promise<boolean> {
  const rows = await sql`
    select from inbox where translated_at > ${since} and body is not null limit 1
  `;
  return rows.length > 0;
}

/** The digests stay, so that a late repetition is still known. */
export const deleteBodiesBefore = (sql: Sql, before: Date) => sql`
  update inbox set body = null
  where (translated_at < ${before} or dropped_at < ${before}) and body is not null
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
  /** Of those that wait: they failed, and are tried again. */
  failing: number;
  /** Dead letters that nobody has dropped. */
  refused: number;
}

export async function readInboxState(sql: Pool): Promise<InboxState> {
  const [state] = await sql<InboxState[]>`
    select
      count(*) filter (where refused_at is null)::int as waiting,
      min(received_at) filter (where refused_at is null) as oldest_waiting_at,
      count(*) filter (where refused_at is null and failures > 0)::int as failing,
      count(*) filter (where refused_at is not null and dropped_at is null)::int as refused
    from inbox
    where translated_at is null
  `;
  return state ?? { waiting: 0, oldestWaitingAt: null, failing: 0, refused: 0 };
}

export const readLastWebhooks = (sql: Pool) => sql<{ account: string; receivedAt: Date }[]>`
  select account, max(received_at) as received_at from webhook_seen group by account order by account
`;
