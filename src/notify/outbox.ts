/**
 * What is to be told, kept until it was told: a row for each channel. A notice is kept in the transaction
 * that notes that its changes were looked at, so it is neither lost nor told again.
 */
import type { Sql } from "../database/connect.ts";
import type { Digest } from "./digest.ts";
import type { Notice } from "./notice.ts";
import { channelsFor } from "./rules.ts";
import type { NotifySettings } from "./settings.ts";
import { tellAt } from "./wall-time.ts";

/** After this it is given up: who learns of it later has learned it elsewhere. */
export const GIVE_UP_MS = 24 * 3_600_000;
const KEPT_SENT_DAYS = 7;
const KEPT_SOURCES_DAYS = 60;

export type Content = { type: "notice"; notice: Notice } | { type: "digest"; digest: Digest };

export interface WaitingNotice {
  noticeId: string;
  messageId: string;
  content: Content;
  madeAt: Date;
  wantedAt: Date;
  attempts: number;
}

/** Returns the channels that have something to tell. */
export async function enqueueNotices(
  tx: Sql,
  notices: readonly Notice[],
  { rules, quiet }: Pick<NotifySettings, "rules" | "quiet">,
  now: Date,
): Promise<Set<string>> {
  const told = new Set<string>();
  for (const notice of notices)
    for (const channel of channelsFor(notice, rules)) {
      const sources = notice.items.map(({ sourceId }) => sourceId);
      const fresh = await noteSources(tx, channel, sources, now);
      const items = notice.items.filter(({ sourceId }) => fresh.has(sourceId));
      if (items.length === 0) continue;
      const at = tellAt(notice, now, quiet);
      const content: Content = { type: "notice", notice: { ...notice, items } };
      const toldOf = notice.eventId === null ? `account ${notice.region}` : notice.eventId;
      await insertNotice(tx, { channel, toldOf, content, now, at });
      told.add(channel);
    }
  return told;
}

/**
 * Those of which the channel has not been told yet; from now on it has. What is found again and again for as
 * long as it lasts, as a key that is refused, is remembered from the last time on.
 */
export async function noteSources(
  tx: Sql,
  channel: string,
  sourceIds: readonly string[],
  now: Date,
): Promise<Set<string>> {
  const again = daysBefore(now, KEPT_SOURCES_DAYS / 2);
  const noted = await tx<{ sourceId: string; isFresh: boolean }[]>`
    insert into notice_source (channel, source_id, told_at)
    select distinct ${channel}, source_id, ${now}::timestamptz
    from unnest(${[...sourceIds]}::text[]) as new (source_id)
    on conflict (channel, source_id) do update set told_at = excluded.told_at
    where notice_source.told_at < ${again}
    returning source_id, xmax = 0 as is_fresh
  `;
  return new Set(noted.flatMap(({ sourceId, isFresh }) => (isFresh ? sourceId : [])));
}

interface NewNotice {
  channel: string;
  toldOf: string;
  content: Content;
  now: Date;
  at: Date;
}

export async function insertNotice(tx: Sql, { channel, toldOf, content, now, at }: NewNotice) {
  await tx`
    insert into notice (channel, told_of, content, made_at, wanted_at, due_at)
    values (${channel}, ${toldOf}, ${JSON.stringify(content)}::text::jsonb, ${now}, ${at}, ${at})
  `;
  // What waits for the morning would come after what does not, and say what is no longer so.
  await tx`
    update notice set due_at = ${at}, wanted_at = ${at}
    where channel = ${channel} and told_of = ${toldOf} and sent_at is null and refused_at is null
      and attempts = 0 and due_at > ${at}
  `;
}

/** Of each event the first that was not told yet, where it is due. */
export const readDue = (sql: Sql, channel: string, now: Date, limit: number) => sql<
  WaitingNotice[]
>`
  select notice_id::text as notice_id, message_id::text as message_id, content, made_at, wanted_at, attempts
  from (
    select distinct on (told_of) * from notice
    where channel = ${channel} and sent_at is null and refused_at is null
    order by told_of, notice_id
  ) first
  where due_at <= ${now}
  order by notice_id
  limit ${limit}
`;

export async function isWaiting(sql: Sql, channel: string): Promise<boolean> {
  const [one] = await sql`
    select from notice where channel = ${channel} and sent_at is null and refused_at is null limit 1
  `;
  return one !== undefined;
}

export const noteSent = (tx: Sql, { noticeId }: WaitingNotice, now: Date) => tx`
  update notice set sent_at = ${now}, attempts = attempts + 1, reason = null
  where notice_id = ${noticeId} and sent_at is null
`;

export const noteFailed = (
  tx: Sql,
  { noticeId }: WaitingNotice,
  { reason, now, dueAt }: { reason: string; now: Date; dueAt: Date | null },
) => tx`
  update notice set
    attempts   = attempts + 1,
    reason     = ${reason},
    due_at     = coalesce(${dueAt}::timestamptz, due_at),
    refused_at = ${dueAt === null ? now : null}::timestamptz
  where notice_id = ${noticeId} and sent_at is null
`;

/** Of channels that are named no more: nobody would ever tell them. */
export const giveUpOthers = (tx: Sql, channels: readonly string[], now: Date) => tx`
  update notice set refused_at = ${now}, reason = 'no channel has this name any more'
  where channel <> all(${[...channels]}::text[]) and sent_at is null and refused_at is null
`;

/** A source outlives what it may still be told by: a change of a day ago, or trouble that lasts. */
export async function pruneNotices(tx: Sql, now: Date) {
  await tx`delete from notice where sent_at < ${daysBefore(now, KEPT_SENT_DAYS)}`;
  await tx`delete from notice where refused_at < ${daysBefore(now, KEPT_SOURCES_DAYS)}`;
  await tx`delete from notice_source where told_at < ${daysBefore(now, KEPT_SOURCES_DAYS)}`;
}

const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * 86_400_000);
