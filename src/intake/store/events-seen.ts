import type { EventUpdated } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { columns, namesOf, takenOver, typesOf } from "../../database/table-columns.ts";

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

/** An account's newest version of an event. */
export interface SeenOf {
  account: string;
  seen: Seen;
}

const ids = columns({ account: "text", event_id: "text" });
const kept = columns({
  version_at: "timestamptz",
  observed_at: "timestamptz",
  digest: "text",
  recorded: "boolean",
  description: "jsonb",
  prices: "jsonb",
  deleted_at: "timestamptz",
});

/** The newest version that was seen. */
export async function readSeen(
  sql: Sql,
  account: string,
  eventId: string,
): Promise<Seen | undefined> {
  return (await readAllSeen(sql, [{ account, eventId }]))[0]?.seen;
}

/** The newest versions of those among these events that were seen. */
export async function readAllSeen(
  sql: Sql,
  events: readonly { account: string; eventId: string }[],
): Promise<(SeenOf & { eventId: string })[]> {
  const rows = await sql<(Omit<Seen, "updatedAt"> & { account: string; eventId: string })[]>`
    select ${namesOf(sql, [...ids, ...kept])}
    from event_seen
    join unnest(
      ${events.map(({ account }) => account)}::text[],
      ${events.map(({ eventId }) => eventId)}::text[]
    ) as wanted (account, event_id) using (account, event_id)
  `;
  return rows.map(({ account, eventId, ...row }) => {
    const isOurs = row.versionAt.getTime() === row.observedAt.getTime();
    const updatedAt = isOurs ? null : row.versionAt.toISOString();
    return { account, eventId, seen: { ...row, updatedAt } };
  });
}

export const saveSeen = (sql: Sql, account: string, seen: Seen) =>
  saveAllSeen(sql, [{ account, seen }]);

/** Each of another event. */
export const saveAllSeen = (sql: Sql, some: readonly SeenOf[]) => sql`
  insert into event_seen (${namesOf(sql, [...ids, ...kept])})
  select ${namesOf(sql, [...ids, ...kept])}
  from jsonb_to_recordset(${JSON.stringify(some.map(rowOf))}::text::jsonb)
    as new (${typesOf(sql, [...ids, ...kept])})
  order by account, event_id
  on conflict (account, event_id) do update set ${takenOver(sql, kept)}
`;

const rowOf = ({ account, seen }: SeenOf) => ({
  account,
  event_id: seen.description.eventId,
  version_at: seen.versionAt,
  observed_at: seen.observedAt,
  digest: seen.digest,
  recorded: seen.recorded,
  description: seen.description,
  prices: seen.prices,
  deleted_at: seen.deletedAt,
});

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

/** Whose event it is, or was where nobody has it; undefined when it is nobody's or more than one account's. */
export async function readAccountOf(sql: Sql, eventId: string): Promise<string | undefined> {
  const rows = await sql<{ account: string; isGone: boolean }[]>`
    select account, deleted_at is not null as is_gone from event_seen where event_id = ${eventId}
  `;
  const having = rows.filter(({ isGone }) => !isGone);
  const owners = having.length > 0 ? having : rows;
  return owners.length === 1 ? owners[0]?.account : undefined;
}

/** The other accounts that had it and lost it, and when. */
export const readLosses = (sql: Sql, account: string, eventId: string) => sql<
  { account: string; deletedAt: Date }[]
>`
  select account, deleted_at from event_seen
  where event_id = ${eventId} and account <> ${account} and deleted_at is not null
  order by account
`;

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
