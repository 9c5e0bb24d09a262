import type { Sql } from "../database/connect.ts";
import { put } from "../datacore/outbox.ts";
import type { VivenuEvent } from "../vivenu/wire.ts";
import { type Description, describe, digestOf } from "./describe.ts";
import { eventFacts } from "./parts.ts";

/** An event as it came in by one of the two doors. */
export interface Reading {
  account: string;
  source: "webhook" | "poll" | "backfill";
  event: VivenuEvent;
  /** A delivery's arrival, or when the request to Vivenu began. */
  observedAt: Date;
}

/**
 * - `recorded`   it is news, and on its way to the datacore
 * - `unchanged`  it says what the newest known says
 * - `doubtful`   recorded, but it is older than what is known, or contradicts it: read the event again
 */
export type Outcome = "recorded" | "unchanged" | "doubtful";

interface Seen {
  versionAt: Date;
  observedAt: Date;
  digest: string;
  recorded: boolean;
  description: Description;
  deletedAt: Date | null;
}

/**
 * Records a reading when it says something new, in the caller's transaction. What is older than the
 * newest known is recorded too, as history; then the newest must be in the log as well, or the older
 * one would pass for it.
 */
export async function recordEvent(tx: Sql, reading: Reading): Promise<Outcome> {
  const { account, source, event, observedAt } = reading;
  await lockEvent(tx, account, event._id);
  const currency = await readCurrency(tx, account);
  const description = describe(event, currency);
  const updatedAt = event.updatedAt ?? null;
  const digest = digestOf(description);
  const versionAt = new Date(updatedAt ?? observedAt);
  const seen = await readSeen(tx, account, event._id);

  const record = (of: Description, at: string | null, key: string) =>
    put(
      tx,
      eventFacts({ key, account, source, observedAt: observedAt.toISOString() }, at, of),
      observedAt,
    );
  const key = `event.updated/${account}/${event._id}/${versionAt.toISOString()}/${digest}`;
  const remember = (recorded: boolean, deletedAt: Date | null) =>
    saveSeen(tx, account, { versionAt, observedAt, digest, recorded, description, deletedAt });

  if (!seen) {
    await record(description, updatedAt, key);
    await remember(true, null);
    return "recorded";
  }
  if (seen.deletedAt) {
    const isBack = source !== "webhook" && observedAt > seen.deletedAt;
    // Only an answer of the API brings an event back, and then it is always said.
    await record(description, updatedAt, isBack ? `${key}/${observedAt.toISOString()}` : key);
    if (isBack) await remember(true, null);
    return isBack ? "recorded" : "doubtful";
  }
  if (versionAt > seen.versionAt) {
    const isNews = digest !== seen.digest;
    if (isNews) await record(description, updatedAt, key);
    await remember(isNews, null);
    return isNews ? "recorded" : "unchanged";
  }
  if (digest === seen.digest) return "unchanged";
  await record(description, updatedAt, key);
  if (versionAt.getTime() === seen.versionAt.getTime()) {
    // One time of change and two contents: what was learned last stands until it is read again.
    if (observedAt >= seen.observedAt) await remember(true, null);
    return source === "webhook" ? "doubtful" : "recorded";
  }
  if (!seen.recorded) {
    const newest = seen.versionAt.toISOString();
    const again = `event.updated/${account}/${event._id}/${newest}/${seen.digest}`;
    await record(seen.description, newest, again);
    await saveSeen(tx, account, { ...seen, recorded: true });
  }
  return "doubtful";
}

export interface Deletion {
  account: string;
  source: "webhook" | "poll";
  eventId: string;
  name: string | null;
  observedAt: Date;
}

/** Records that an event is gone; false when that was known. */
export async function recordDeletion(tx: Sql, deletion: Deletion): Promise<boolean> {
  const { account, source, eventId, name, observedAt } = deletion;
  await lockEvent(tx, account, eventId);
  const seen = await readSeen(tx, account, eventId);
  if (seen?.deletedAt) return false;
  const at = observedAt.toISOString();
  const idempotencyKey = `event.deleted/${account}/${eventId}/${at}`;
  const payload = { idempotencyKey, account, source, observedAt: at, eventId, name };
  await put(tx, [{ eventType: "event.deleted.0", payload }], observedAt);
  await tx`
    update event_seen set deleted_at = ${observedAt}
    where account = ${account} and event_id = ${eventId}
  `;
  return true;
}

/** The events that an account had when last read, deleted ones left out. */
export async function readKnownEvents(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select event_id from event_seen where account = ${account} and deleted_at is null
    order by event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

/** Whose event it is; undefined when it is nobody's or more than one account's. */
export async function readAccountOf(sql: Sql, eventId: string): Promise<string | undefined> {
  const rows = await sql<{ account: string }[]>`
    select account from event_seen where event_id = ${eventId} and deleted_at is null
  `;
  return rows.length === 1 ? rows[0]?.account : undefined;
}

const lockEvent = (tx: Sql, account: string, eventId: string) =>
  tx`select pg_advisory_xact_lock(hashtextextended(${`event ${account} ${eventId}`}, 0))`;

async function readCurrency(sql: Sql, account: string): Promise<string | null> {
  const [row] = await sql<{ currency: string | null }[]>`
    select currency from seller where account = ${account}
  `;
  return row?.currency ?? null;
}

async function readSeen(sql: Sql, account: string, eventId: string): Promise<Seen | undefined> {
  const [row] = await sql<Seen[]>`
    select version_at, observed_at, digest, recorded, description, deleted_at
    from event_seen where account = ${account} and event_id = ${eventId}
  `;
  return row;
}

const saveSeen = (sql: Sql, account: string, seen: Seen) => sql`
  insert into event_seen (
    account, event_id, version_at, observed_at, digest, recorded, description, deleted_at
  )
  values (
    ${account}, ${seen.description.eventId}, ${seen.versionAt}, ${seen.observedAt}, ${seen.digest},
    ${seen.recorded}, ${JSON.stringify(seen.description)}::text::jsonb, ${seen.deletedAt}
  )
  on conflict (account, event_id) do update set
    version_at  = excluded.version_at,
    observed_at = excluded.observed_at,
    digest      = excluded.digest,
    recorded    = excluded.recorded,
    description = excluded.description,
    deleted_at  = excluded.deleted_at
`;
