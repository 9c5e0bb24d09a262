import type { Pool, Sql } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Digest } from "../digest/digest.ts";
import { insertNotice, noteSources } from "../outbox/outbox.ts";
import { digestDay } from "../outbox/wall-time.ts";
import type { NotifySettings } from "../settings.ts";
import { readPlace } from "./feed.ts";

export interface DigestOptions {
  sql: Pool;
  clock: Clock;
  check: (tx: Sql) => Promise<void>;
  settings: Pick<NotifySettings, "digest">;
  readDigest: (wanted: DigestWanted) => Promise<Digest>;
  onEnqueued: (channels: ReadonlySet<string>) => void;
}

export interface DigestWanted {
  day: string;
  now: Date;
  /**
   * Up to when what had been observed was in the last one; undefined before the first, and where that is long
   * ago. What is recorded while the log is held is in the first one behind the hold.
   */
  last: Date | undefined;
}

/** Of more days than these nobody reads what changed. */
const LONGEST_MS = 7 * 86_400_000;
/** What was observed right before the last one may have been in the rows only after it. */
const LATE_MS = 5 * 60_000;

/** A channel's first source of any digest: from then on it wants one. */
const WANTED = "digest wanted";

/**
 * Makes the day's digest once its time has come; later where nobody was at work then, as long as it is the
 * same day. The day on which a channel first wants one has none for it where its time was over.
 */
export function digestLoop({ sql, clock, check, settings, readDigest, onEnqueued }: DigestOptions) {
  return async (): Promise<"idle"> => {
    const place = await readPlace(sql);
    const { digest: wanted } = settings;
    if (!place || !wanted) return "idle";
    const now = clock.now();
    const day = digestDay(now, wanted);
    const sourceId = day === undefined ? undefined : `digest ${day}`;
    await beginFor(await readNew(sql, wanted.to), sourceId === undefined ? [] : [sourceId], now);
    if (day === undefined || sourceId === undefined) return "idle";
    if (await isMade(sql, sourceId, wanted.to)) return "idle";
    const digest = await readDigest({ day, now, last: await readLast(sql, wanted.to, now) });
    const told = new Set<string>();
    await sql.begin(async (tx) => {
      await check(tx);
      for (const channel of wanted.to) {
        const fresh = await noteSources(tx, channel, [sourceId], now);
        if (fresh.size === 0) continue;
        const content = { type: "digest", digest } as const;
        await insertNotice(tx, { channel, toldOf: "digest", content, now, at: now });
        told.add(channel);
      }
    });
    onEnqueued(told);
    return "idle";
  };

  async function beginFor(channels: readonly string[], isOver: readonly string[], now: Date) {
    if (channels.length === 0) return;
    await sql.begin(async (tx) => {
      await check(tx);
      for (const channel of channels) await noteSources(tx, channel, [WANTED, ...isOver], now);
    });
  }
}

/** Those that have wanted none so far. */
async function readNew(sql: Pool, channels: readonly string[]): Promise<string[]> {
  const rows = await sql<{ channel: string }[]>`
    select distinct channel from unnest(${[...channels]}::text[]) as wanted (channel)
    where not exists (
      select from notice_source
      where notice_source.channel = wanted.channel and source_id like 'digest %'
    )
  `;
  return rows.map(({ channel }) => channel);
}

/** Of digests that any of the channels had: they are kept for as long as they are asked for here. */
async function readLast(sql: Sql, channels: readonly string[], now: Date) {
  const [newest] = await sql<{ at: Date }[]>`
    select least(made_at, (content #>> '{digest,rowsUntil}')::timestamptz) as at from notice
    where channel = any(${[...channels]}::text[]) and told_of = 'digest' and made_at <= ${now}
    order by made_at desc limit 1
  `;
  if (!newest || now.getTime() - newest.at.getTime() > LONGEST_MS) return undefined;
  return new Date(newest.at.getTime() - LATE_MS);
}

async function isMade(sql: Pool, sourceId: string, channels: readonly string[]) {
  const made = await sql`
    select from notice_source where source_id = ${sourceId} and channel = any(${[...channels]}::text[])
  `;
  return made.length >= new Set(channels).size;
}
