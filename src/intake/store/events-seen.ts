import type { EventUpdated } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";

/** What an event fact says of its event, without who says it and when. */
export type Description = Omit<
  EventUpdated,
  "idempotencyKey" | "account" | "source" | "observedAt" | "part" | "updatedAt"
>;

/** An event at one moment of its life. Versions are ordered as the projections order them. */
export interface Version {
  /** Vivenu's own time of the change, or ours where it sent none. */
  versionAt: Date;
  observedAt: Date;
  /** Null where Vivenu sent none. */
  updatedAt: string | null;
  digest: string;
  description: Description;
  /** By ticket type, in major units as Vivenu has them; null where they were not kept. */
  prices: Record<string, number> | null;
}

export interface Seen extends Version {
  /** Whether the log has this content as the newest. */
  recorded: boolean;
  deletedAt: Date | null;
}

/** The newest version that was seen. */
export async function readSeen(
  sql: Sql,
  account: string,
  eventId: string,
): Promise<Seen | undefined> {
  const [row] = await sql<Omit<Seen, "updatedAt">[]>`
    select version_at, observed_at, digest, recorded, description, prices, deleted_at
    from event_seen where account = ${account} and event_id = ${eventId}
  `;
  if (!row) return undefined;
  const isOurs = row.versionAt.getTime() === row.observedAt.getTime();
  return { ...row, updatedAt: isOurs ? null : row.versionAt.toISOString() };
}

export const saveSeen = (sql: Sql, account: string, seen: Seen) => sql`
  insert into event_seen (
    account, event_id, version_at, observed_at, digest, recorded, description, prices, deleted_at
  )
  values (
    ${account}, ${seen.description.eventId}, ${seen.versionAt}, ${seen.observedAt}, ${seen.digest},
    ${seen.recorded}, ${JSON.stringify(seen.description)}::text::jsonb,
    ${seen.prices && JSON.stringify(seen.prices)}::text::jsonb, ${seen.deletedAt}
  )
  on conflict (account, event_id) do update set
    version_at  = excluded.version_at,
    observed_at = excluded.observed_at,
    digest      = excluded.digest,
    recorded    = excluded.recorded,
    description = excluded.description,
    prices      = excluded.prices,
    deleted_at  = excluded.deleted_at
`;

/** The events that an account had when last read, deleted ones left out. */
export async function readKnownEvents(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select event_id from event_seen where account = ${account} and deleted_at is null
    order by event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

export async function isWatched(sql: Sql, account: string, eventId: string): Promise<boolean> {
  const rows = await sql`
    select event_id from event_seen
    where account = ${account} and event_id = ${eventId} and deleted_at is null
  `;
  return rows.length > 0;
}

/** Whose event it is; undefined when it is nobody's or more than one account's. */
export async function readAccountOf(sql: Sql, eventId: string): Promise<string | undefined> {
  const rows = await sql<{ account: string }[]>`
    select account from event_seen where event_id = ${eventId}
  `;
  return rows.length === 1 ? rows[0]?.account : undefined;
}

/** Whether another account has it by now. */
export async function isElsewhere(sql: Sql, account: string, eventId: string): Promise<boolean> {
  const rows = await sql`
    select account from event_seen
    where event_id = ${eventId} and account <> ${account} and deleted_at is null
  `;
  return rows.length > 0;
}

/** Those of these events that an account has. */
export async function watchedAmong(
  tx: Sql,
  account: string,
  eventIds: string[],
): Promise<Set<string>> {
  if (eventIds.length === 0) return new Set();
  const watched = await tx<{ eventId: string }[]>`
    select event_id from event_seen
    where account = ${account} and deleted_at is null
      and event_id = any(${[...new Set(eventIds)]}::text[])
  `;
  return new Set(watched.map(({ eventId }) => eventId));
}

/** Whether it was here and is gone. */
export async function isGone(sql: Sql, account: string, eventId: string): Promise<boolean> {
  const rows = await sql`
    select from event_seen
    where account = ${account} and event_id = ${eventId} and deleted_at is not null
  `;
  return rows.length > 0;
}

/** How an event was last described; also of one that is gone. */
export async function readDescription(
  sql: Sql,
  account: string,
  eventId: string,
): Promise<Description | undefined> {
  const [row] = await sql<{ description: Description }[]>`
    select description from event_seen where account = ${account} and event_id = ${eventId}
  `;
  return row?.description;
}

export interface SaleStarts {
  eventId: string;
  sellStart: string | null;
  underShops: Description["underShops"] | null;
}

/** When the events that an account has are on sale from, at the event itself and at each undershop. */
export const readSaleStarts = (sql: Sql, account: string) => sql<SaleStarts[]>`
  select
    event_id, description ->> 'sellStart' as sell_start,
    description -> 'underShops' as under_shops
  from event_seen
  where account = ${account} and deleted_at is null
`;
