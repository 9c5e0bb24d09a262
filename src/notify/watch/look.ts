/**
 * What nobody changed and is news all the same: a sale that began because it was time, an event that is
 * gone from its account, a key that is refused, numbers that got old, a forecast that moved.
 */
import type { Pool, Sql } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { EventRow, LaunchRow } from "../../projections/queries/row-types.ts";
import {
  backNotices,
  goneNotices,
  type Listing,
  openedNotices,
  type Span,
} from "../notices/by-time.ts";
import { NEWS_MS } from "../notices/from-changes.ts";
import { enqueueNotices, giveUpOthers, pruneNotices, readToldGone } from "../outbox/outbox.ts";
import type { NotifySettings } from "../settings.ts";
import { oldNotice, refusedNotices } from "./account-notices.ts";
import { readPlace, wantedSince } from "./feed.ts";
import { movedForecasts } from "./forecasts.ts";

export interface LookReads {
  /** Whose public sale began in the span. */
  opened(span: Span): Promise<LaunchRow[]>;
  /** When the next public sale begins that will within a few minutes; null where none does. */
  nextLaunch(now: Date): Promise<Date | null>;
  /** Events that were called off last. */
  gone(): Promise<EventRow[]>;
  events(ids: readonly string[]): Promise<EventRow[]>;
  /** Some of the events on sale: the next ones at each look, so that all have their turn. */
  someOnSale(): Promise<EventRow[]>;
  /** Up to when it is known which events each account lists. */
  lists(): Promise<Listing[]>;
  refusedKeys(): Promise<Iterable<string>>;
  /** Up to when what was sold is known of each account; null before that was read through once. */
  lastReadings(): Promise<{ region: string; readUntil: Date | null }[]>;
  /** On which day each of some events is expected to sell out; null where not before its sale ends. */
  forecasts(rows: readonly EventRow[]): Promise<ReadonlyMap<string, string | null>>;
}

export interface LookOptions {
  sql: Pool;
  clock: Clock;
  check: (tx: Sql) => Promise<void>;
  settings: NotifySettings;
  reads: LookReads;
  onEnqueued: (channels: ReadonlySet<string>) => void;
  /** Told when there will be something to tell: who sells out within a minute was opened before. */
  onNext?: (at: Date | null) => void;
}

export function noticeLook(options: LookOptions) {
  const { sql, clock, check, settings, reads, onEnqueued, onNext = () => {} } = options;
  return async (): Promise<"idle"> => {
    const place = await readPlace(sql);
    if (!place) return "idle";
    const now = clock.now();
    const span = {
      since: new Date(Math.max(wantedSince(place, now).getTime(), now.getTime() - NEWS_MS)),
      now,
    };
    const toldGone = await readToldGone(sql);
    const [opened, gone, toldRows, onSale, lists, refused, readings] = await Promise.all([
      reads.opened(span),
      reads.gone(),
      toldGone.length === 0 ? [] : reads.events(toldGone.map(({ eventId }) => eventId)),
      reads.someOnSale(),
      reads.lists(),
      reads.refusedKeys(),
      reads.lastReadings(),
    ]);
    const forecasts = await movedForecasts(sql, onSale, { now, read: reads.forecasts });
    const channels = await sql.begin(async (tx) => {
      await check(tx);
      const notices = [
        ...openedNotices(opened, span),
        ...goneNotices(gone, lists, span),
        ...backNotices(toldGone, toldRows, now),
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
    onNext(await reads.nextLaunch(now));
    return "idle";
  };
}
