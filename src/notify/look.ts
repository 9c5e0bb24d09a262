/**
 * What nobody changed and is news all the same: a sale that began because it was time, an event that is
 * gone from its account, a key that is refused, numbers that got old, a forecast that moved.
 */
import type { Pool, Sql } from "../database/connect.ts";
import type { Clock } from "../lib/clock.ts";
import type { EventRow } from "../projections/queries/row-types.ts";
import { wasOver } from "../rules/called-off.ts";
import { readPlace } from "./feed.ts";
import { movedForecasts } from "./forecasts.ts";
import { NEWS_MS } from "./from-changes.ts";
import { kinds } from "./kinds.ts";
import type { Notice } from "./notice.ts";
import { enqueueNotices, giveUpOthers, pruneNotices } from "./outbox.ts";
import type { NotifySettings } from "./settings.ts";

export interface LookReads {
  /** Events on sale whose sale began last, and events that were called off last. */
  opened(): Promise<EventRow[]>;
  gone(): Promise<EventRow[]>;
  /** Up to when it is known which events each account lists. */
  lists(): Promise<Listing[]>;
  refusedKeys(): Promise<Iterable<string>>;
  /** When each account was last read completely. */
  lastReadings(): Promise<{ region: string; completeAt: string | null }[]>;
  /** On which day each of some events is expected to sell out; null where not before its sale ends. */
  forecasts(rows: readonly EventRow[]): Promise<ReadonlyMap<string, string | null>>;
}

interface Listing {
  region: string;
  /** Null before its events were ever read. */
  listedAt: Date | null;
}

export interface LookOptions {
  sql: Pool;
  clock: Clock;
  check: (tx: Sql) => Promise<void>;
  settings: NotifySettings;
  reads: LookReads;
  onEnqueued: (channels: ReadonlySet<string>) => void;
}

/** As `/status` has it: a poll begins a day after the one before, and takes its time. */
const OLD_MS = 26 * 3_600_000;
/** So long it is waited for accounts that cannot be read: that an event is gone may not wait for ever. */
const UNREAD_MS = 6 * 3_600_000;
/** A key that is refused again within this was refused all the time. */
const SAME_MS = 3_600_000;

export function noticeLook({ sql, clock, check, settings, reads, onEnqueued }: LookOptions) {
  return async (): Promise<"idle"> => {
    const place = await readPlace(sql);
    if (!place) return "idle";
    const now = clock.now();
    const since = new Date(Math.max(place.since.getTime(), now.getTime() - NEWS_MS));
    const [opened, gone, lists, refused, readings] = await Promise.all([
      reads.opened(),
      reads.gone(),
      reads.lists(),
      reads.refusedKeys(),
      reads.lastReadings(),
    ]);
    const forecasts = await movedForecasts(sql, opened, { now, read: reads.forecasts });
    const channels = await sql.begin(async (tx) => {
      await check(tx);
      const notices = [
        ...opened.filter((row) => isWithin(row.salesLaunchDate, since, now)).map(openedNotice),
        ...gone
          .filter((row) => isWithin(row.lastUpdated, since, now) && !wasOver(row))
          .flatMap((row) => goneNotices(row, lists, now)),
        ...(await refusedNotices(tx, [...refused], now)),
        ...readings.flatMap((reading) => oldNotice(reading, now)),
        ...(await forecasts.keep(tx)),
      ];
      await giveUpOthers(
        tx,
        settings.channels.map(({ name }) => name),
        now,
      );
      await pruneNotices(tx, now);
      return enqueueNotices(tx, notices, settings, now);
    });
    onEnqueued(channels);
    return "idle";
  };
}

const isWithin = (at: string | null, since: Date, now: Date) =>
  at !== null && Date.parse(at) > since.getTime() && Date.parse(at) <= now.getTime();

const ofEvent = ({ eventId, eventName, region, timezone }: EventRow) => ({
  ...({ subject: "event", eventId, eventName, region, timezone } as const),
});

const ofAccount = (region: string) => ({
  ...({ subject: "account", eventId: null, eventName: null, region, timezone: null } as const),
});

const plainItem = { name: null, was: null, currency: null } as const;

function openedNotice(row: EventRow): Notice {
  const at = row.salesLaunchDate ?? "";
  const sourceId = `opened ${row.eventId} ${at}`;
  return {
    ...{ ...ofEvent(row), kind: "salesOpened", severity: kinds.salesOpened.severity, at },
    items: [{ ...plainItem, sourceId, is: at, valueKind: "instant" }],
  };
}

/** It may have moved: so it is not told before every other account's events were read since it went. */
function goneNotices(row: EventRow, lists: readonly Listing[], now: Date): Notice[] {
  const goneAt = Date.parse(row.lastUpdated);
  const unread = lists.filter(
    ({ region, listedAt }) => region !== row.region && (listedAt?.getTime() ?? 0) <= goneAt,
  );
  if (unread.length > 0 && now.getTime() - goneAt < UNREAD_MS) return [];
  const sourceId = `gone ${row.eventId} ${row.lastUpdated}`;
  const is =
    unread.length === 0
      ? "Vivenu does not have it any more"
      : `${row.region} does not have it any more, and whether it moved is not known: ${unread.map(({ region }) => region).join(", ")} could not be read since`;
  return [
    {
      ...{ ...ofEvent(row), kind: "cancelled", severity: kinds.cancelled.severity },
      ...{ at: row.lastUpdated, items: [{ ...plainItem, sourceId, is, valueKind: "text" }] },
    },
  ];
}

function oldNotice(
  { region, completeAt }: { region: string; completeAt: string | null },
  now: Date,
): Notice[] {
  if (completeAt === null || now.getTime() - Date.parse(completeAt) <= OLD_MS) return [];
  const sourceId = `old ${region} ${completeAt}`;
  const is = `The last complete reading ended at ${completeAt}.`;
  return [
    {
      ...{ ...ofAccount(region), kind: "numbersOld", severity: kinds.numbersOld.severity },
      ...{ at: now.toISOString(), items: [{ ...plainItem, sourceId, is, valueKind: "text" }] },
    },
  ];
}

/** Each since when it is so: a restart forgets it for a while, and nobody is to be told of that. */
async function refusedNotices(tx: Sql, regions: readonly string[], now: Date): Promise<Notice[]> {
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
