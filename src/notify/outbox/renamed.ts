import type { Sql } from "../../database/connect.ts";
import type { ChannelSettings } from "../settings.ts";

/**
 * An e-mail's receiver is a channel of another name once others come to it or go. What waits under the former
 * name goes to those who have it now, and what that one was told of is news to none of them.
 */
export async function takeOverFormer(tx: Sql, channels: readonly ChannelSettings[]): Promise<void> {
  const names = channels.map(({ name }) => name);
  const renamed = channels.flatMap((channel) =>
    channel.type === "email" && !names.includes(channel.formerly)
      ? [{ name: channel.name, formerly: channel.formerly }]
      : [],
  );
  for (const { name, formerly } of renamed) {
    await tx`
      insert into notice_source (channel, source_id, told_at)
      select ${name}, source_id, told_at from notice_source where channel = ${formerly}
      on conflict do nothing
    `;
    await tx`
      insert into notice_channel (channel, since)
      select ${name}, since from notice_channel where channel = ${formerly}
      on conflict do nothing
    `;
    await tx`
      insert into notice (
        channel, told_of, content, made_at, wanted_at, due_at, attempts, reason
      )
      select ${name}, told_of, content, made_at, wanted_at, due_at, attempts, reason from notice
      where channel = ${formerly} and sent_at is null and refused_at is null
      order by notice_id
    `;
  }
  const former = renamed.map(({ formerly }) => formerly);
  await tx`
    delete from notice
    where channel = any(${former}::text[]) and sent_at is null and refused_at is null
  `;
  await tx`delete from notice_source where channel = any(${former}::text[])`;
}
