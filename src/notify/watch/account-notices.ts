import type { Sql } from "../../database/connect.ts";
import { plainItem } from "../notices/by-time.ts";
import { kinds } from "../notices/kinds.ts";
import type { Notice } from "../notices/notice.ts";
import { instantWords } from "../notices/words.ts";

/** As `/status` has it: a poll begins a day after the one before, and takes its time. */
const OLD_MS = 26 * 3_600_000;
/** A key that is refused again within this was refused all the time. */
const SAME_MS = 3_600_000;

const ofAccount = (region: string) => ({
  subject: "account" as const,
  eventId: null,
  eventName: null,
  region,
  timezone: null,
});

/** Of numbers that got old. */
export function oldNotice(
  { region, readUntil }: { region: string; readUntil: Date | null },
  now: Date,
): Notice[] {
  if (readUntil === null || now.getTime() - readUntil.getTime() <= OLD_MS) return [];
  const sourceId = `old ${region} ${readUntil.toISOString()}`;
  const is = `What was sold is known up to ${instantWords(readUntil, null)}.`;
  return [
    {
      ...ofAccount(region),
      kind: "numbersOld",
      severity: kinds.numbersOld.severity,
      at: now.toISOString(),
      items: [{ ...plainItem, sourceId, is, valueKind: "text" }],
    },
  ];
}

/** Of keys that are refused, each since when it is so: a restart forgets it for a while, and nobody is to be told of that. */
export async function refusedNotices(
  tx: Sql,
  regions: readonly string[],
  now: Date,
): Promise<Notice[]> {
  const rows = await tx<{ region: string; since: Date }[]>`
    insert into notice_trouble (kind, region, since, seen_at)
    select distinct 'keyRefused', region, ${now}::timestamptz, ${now}::timestamptz
    from unnest(${[...regions]}::text[]) as refused (region)
    on conflict (kind, region) do update set
      since   = case when notice_trouble.seen_at < ${new Date(now.getTime() - SAME_MS)}
        then excluded.since else notice_trouble.since end,
      seen_at = excluded.seen_at
    returning region, since
  `;
  return rows.map(({ region, since }) => {
    const at = since.toISOString();
    const is = "Nothing of it is read until it has a valid one.";
    const item = { ...plainItem, sourceId: `key ${region} ${at}`, is, valueKind: "text" } as const;
    const { severity } = kinds.keyRefused;
    return { ...ofAccount(region), kind: "keyRefused", severity, at, items: [item] };
  });
}
