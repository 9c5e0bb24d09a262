/**
 * What is to be told, kept until it was told: a row for each channel. A notice is kept in the transaction
 * that notes that its changes were looked at, so it is neither lost nor told again.
 */
import type { Sql } from "../../database/connect.ts";
import type { Severity } from "../../rules/severity.ts";
import type { Digest } from "../digest/digest.ts";
import { isFoundAgain, type ToldGone, toldGoneOf } from "../notices/by-time.ts";
import type { Notice } from "../notices/notice.ts";
import type { NotifySettings } from "../settings.ts";
import { readIsFor } from "./known-channels.ts";
import { channelsFor } from "./rules.ts";
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
  /** Why the last try failed. */
  reason: string | null;
}

/** Returns the channels that have something to tell. */
export async function enqueueNotices(
  tx: Sql,
  notices: readonly Notice[],
  settings: Pick<NotifySettings, "channels" | "rules" | "quiet">,
  now: Date,
): Promise<Set<string>> {
  const told = new Set<string>();
  if (notices.length === 0) return told;
  const isFor = await readIsFor(tx, now);
  for (const given of notices) {
    const { toldBefore: _, ...notice } = given;
    // What is wrong with an account is so for as long as it lasts, whenever it began.
    const happenedAt = notice.subject === "account" ? now : new Date(notice.at);
    const sources = notice.items.map(({ sourceId }) => sourceId);
    const meant = new Set(await channelsMeant(tx, given, settings));
    if (isFoundAgain(given)) {
      const others = settings.channels.flatMap(({ name }) => (meant.has(name) ? [] : name));
      await notePassed(tx, others, sources, now);
    }
    for (const channel of meant) {
      if (!isFor(channel, happenedAt)) continue;
      const fresh = await noteSources(tx, channel, sources, now);
      const items = notice.items.filter(({ sourceId }) => fresh.has(sourceId));
      if (items.length === 0) continue;
      const at = tellAt(notice, now, settings.quiet);
      const content: Content = { type: "notice", notice: { ...notice, items } };
      const toldOf = notice.eventId ?? `account ${notice.region}`;
      await insertNotice(tx, { channel, toldOf, content, now, at });
      told.add(channel);
    }
  }
  return told;
}

/** Those that a rule names; of what ends something that was told, those that were told of it. */
async function channelsMeant(
  tx: Sql,
  notice: Notice,
  { channels, rules }: Pick<NotifySettings, "channels" | "rules">,
): Promise<Iterable<string>> {
  if (notice.toldBefore === undefined) return channelsFor(notice, rules);
  const names = channels.map(({ name }) => name);
  return channelsToldOf(tx, notice.toldBefore, names);
}

/** Those of the channels that were told of a source. */
async function channelsToldOf(
  tx: Sql,
  sourceId: string,
  channels: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ channel: string }[]>`
    select channel from notice_source
    where source_id = ${sourceId} and channel = any(${[...channels]}::text[])
    order by channel
  `;
  return rows.map(({ channel }) => channel);
}

/** What of events that were gone somebody was told. */
export async function readToldGone(sql: Sql): Promise<ToldGone[]> {
  const rows = await sql<{ sourceId: string }[]>`
    select distinct source_id from notice_source where source_id like 'gone %' order by source_id
  `;
  return toldGoneOf(rows.map(({ sourceId }) => sourceId));
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
    where not exists (
      select from notice_source passed
      where passed.channel = ${channel} and passed.source_id = ${PASSED} || new.source_id
    )
    on conflict (channel, source_id) do update set told_at = excluded.told_at
    where notice_source.told_at < ${again}
    returning source_id, xmax = 0 as is_fresh
  `;
  return new Set(noted.flatMap(({ sourceId, isFresh }) => (isFresh ? sourceId : [])));
}

const PASSED = "passed ";

/** No rule means these channels: one that does later is none for what happened before. */
const notePassed = (
  tx: Sql,
  channels: readonly string[],
  sourceIds: readonly string[],
  now: Date,
) => tx`
  insert into notice_source (channel, source_id, told_at)
  select channel, ${PASSED} || source_id, ${now}::timestamptz
  from unnest(${[...channels]}::text[]) as other (channel)
  cross join unnest(${[...sourceIds]}::text[]) as found (source_id)
  on conflict do nothing
`;

interface NewNotice {
  channel: string;
  toldOf: string;
  content: Content;
  now: Date;
  at: Date;
}

/**
 * `at` is when it is to be told. It is due at once all the same, for the quiet hours that count are those of the
 * moment in which it is sent, whoever configured what meanwhile.
 */
export async function insertNotice(tx: Sql, { channel, toldOf, content, now, at }: NewNotice) {
  await tx`
    insert into notice (channel, told_of, content, made_at, wanted_at, due_at)
    values (${channel}, ${toldOf}, ${JSON.stringify(content)}::text::jsonb, ${now}, ${at}, ${now})
  `;
  // An older program let it be due when the quiet hours would be over.
  await tx`
    update notice set due_at = ${now}, wanted_at = ${at}
    where channel = ${channel} and told_of = ${toldOf} and sent_at is null and refused_at is null
      and attempts = 0 and wanted_at > ${at}
  `;
}

export interface ToldNow {
  channel: string;
  now: Date;
  /** In quiet hours: what is as grave as one of these is told, and what waits before it. */
  despite: readonly Severity[] | undefined;
}

/** Of each event the first that was not told yet, where it is due; what was kept before the clock was set back is. */
export const readDue = (sql: Sql, { limit, ...wanted }: ToldNow & { limit: number }) => sql<
  WaitingNotice[]
>`
  ${firstOfEach(sql, wanted)}
    and (due_at <= ${wanted.now} or made_at > ${wanted.now})
  order by notice_id
  limit ${limit}
`;

/** One of those that were not taken, due or not: the least tried, so that none is stuck to. */
export async function readProbe(sql: Sql, wanted: ToldNow): Promise<WaitingNotice | undefined> {
  const [probe] = await sql<WaitingNotice[]>`
    ${firstOfEach(sql, wanted)}
      and attempts > 0
    order by attempts, notice_id
    limit 1
  `;
  return probe;
}

/** Quiet hours hold back no digest. */
const firstOfEach = (sql: Sql, { channel, despite }: ToldNow) => sql`
  select
    notice_id::text as notice_id, message_id::text as message_id, content, made_at, wanted_at, attempts,
    reason
  from (
    select distinct on (told_of) * from notice
    where channel = ${channel} and sent_at is null and refused_at is null
    order by told_of, notice_id
  ) first
  where (
    ${despite === undefined} or content ->> 'type' = 'digest'
    or exists (
      select from notice behind
      where behind.channel = ${channel} and behind.told_of = first.told_of
        and behind.sent_at is null and behind.refused_at is null
        and behind.content #>> '{notice,severity}' = any(${[...(despite ?? [])]}::text[])
    )
  )
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

/** The channel takes something again: what it did not take before need not wait as long as it would have had to. */
export const hasten = (tx: Sql, channel: string, until: Date) => tx`
  update notice set due_at = ${until}
  where channel = ${channel} and sent_at is null and refused_at is null
    and attempts > 0 and due_at > ${until}
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
