import type { Sql } from "../../database/connect.ts";
import type { ChannelSettings } from "../settings.ts";
import { takeOverFormer } from "./renamed.ts";

/**
 * Notes which channels there are from now on. One that is named again after it was not is new; so is one of
 * another name, but for an e-mail's receiver who has another name because others came or went.
 */
export async function noteChannels(
  tx: Sql,
  channels: readonly ChannelSettings[],
  now: Date,
): Promise<void> {
  const names = channels.map(({ name }) => name);
  await takeOverFormer(tx, channels);
  // Before it was noted which channels there are, all were told of everything since anybody wanted to be told.
  await tx`
    insert into notice_channel (channel, since)
    select name, coalesce(
      (select since from notice_place where not exists (select from notice_channel)), ${now}
    )
    from unnest(${names}::text[]) as named (name)
    on conflict do nothing
  `;
  await tx`delete from notice_channel where channel <> all(${names}::text[])`;
}

/** What happened then is for the channel to tell: it was there, or nobody knows any more since when it is. */
export async function readIsFor(tx: Sql, now: Date) {
  const rows = await tx<{ channel: string; since: Date }[]>`
    select channel, since from notice_channel where since <= ${now}
  `;
  const sinceOf = new Map(rows.map(({ channel, since }) => [channel, since]));
  return (channel: string, at: Date) => at >= (sinceOf.get(channel) ?? at);
}
