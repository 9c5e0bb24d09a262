import { beginWithin } from "../../database/begin-within.ts";
import type { Pool } from "../../database/connect.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { Failure, isFailure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { VivenuEvent } from "../../vivenu/wire.ts";
import { forgetList } from "../store/account-reading.ts";
import {
  forgetEventFailure,
  forgetFailuresOf,
  noteEventFailure,
  readFailingSince,
} from "../store/event-failures.ts";
import { isWatched } from "../store/events-seen.ts";
import { lockEvent } from "../store/locks.ts";
import { isKeyRefused } from "./key-refused.ts";
import { recordDeletion, recordEvent, warnOfClock } from "./record-event.ts";

const LIMIT_MS = 30_000;

/** Two daily polls lie further apart, whatever each takes. */
const MOST_GONE_MS = 20 * 3_600_000;

export interface OneEventOptions {
  sql: Pool;
  clock: Clock;
  logger: Logger;
  source?: "poll" | "backfill" | undefined;
  /** Says every event anew, whatever was said before. */
  force?: boolean | undefined;
  /** For recording one event. */
  limitMs?: number | undefined;
}

/** A complete list lacks the event: alone, or with most of those that the account had. */
type Unlisted = "alone" | "with most others";

/** Reads and records one event at a time, and keeps why it could not be described. */
export function oneEvent({
  sql,
  clock,
  logger,
  source = "poll",
  force = false,
  limitMs = LIMIT_MS,
}: OneEventOptions) {
  /**
   * One event by itself; undefined where it is gone. Any gateway's 404 looks like Vivenu's, so that is believed
   * with a second witness only: a complete list without the event, or the webhook of its deletion.
   */
  async function readOne(
    client: VivenuClient,
    eventId: string,
    signal: AbortSignal,
    unlisted?: Unlisted,
  ) {
    const account = client.region;
    const observedAt = clock.now();
    return noting(account, eventId, signal, async () => {
      const event = await client.readEvent(eventId, { signal }).catch(async (error) => {
        if (!isKeyRefused(error)) throw error;
        // Where the key is good for the list, this event is forbidden; else this throws what is so.
        await client.readEventTotal({ signal });
        throw forbidden(account, eventId);
      });
      if (event) await record(account, event, observedAt);
      else {
        if (unlisted === "with most others" && !(await isLongDoubted(account, eventId)))
          throw goneWithMost(account, eventId);
        const isUnlisted = unlisted !== undefined;
        if (!(await recordGone(account, eventId, { observedAt, isUnlisted })))
          throw unconfirmed(account, eventId);
      }
      return event;
    });
  }

  /** One event of a list that was read at `observedAt`. */
  const recordListed = (
    event: VivenuEvent,
    { account, signal, observedAt }: { account: string; signal: AbortSignal; observedAt: Date },
  ) => noting(account, event._id, signal, () => record(account, event, observedAt));

  /** What is said of most events is believed when it is still so the day after. */
  async function isLongDoubted(account: string, eventId: string) {
    const since = await readFailingSince(sql, { account, eventId, work: "describe" });
    return since !== null && agoMs(since.getTime(), clock.now().getTime()) >= MOST_GONE_MS;
  }

  /** False where nothing but one answer says so: then the account's list is read anew at its next look. */
  function recordGone(
    account: string,
    eventId: string,
    { observedAt, isUnlisted }: { observedAt: Date; isUnlisted: boolean },
  ): Promise<boolean> {
    return beginWithin(sql, limitMs, async (tx) => {
      await lockEvent(tx, account, eventId);
      if (!isUnlisted && (await isWatched(tx, account, eventId))) {
        await forgetList(tx, account);
        return false;
      }
      const gone = { account, source: "poll", eventId, name: null, observedAt } as const;
      await recordDeletion(tx, gone);
      await forgetFailuresOf(tx, { account, eventId });
      return true;
    });
  }

  /** Why an event could not be described is kept, for whoever asks why it is not as Vivenu says. */
  async function noting<Result>(
    account: string,
    eventId: string,
    signal: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const key = { account, eventId, work: "describe" as const };
      if (!signal.aborted && !isKeyRefused(error))
        await noteEventFailure(sql, key, { error, at: clock.now() });
      throw error;
    }
  }

  const record = (account: string, event: VivenuEvent, observedAt: Date) =>
    beginWithin(sql, limitMs, async (tx) => {
      const reading = { account, source, event, observedAt, force };
      const outcome = await recordEvent(tx, reading);
      warnOfClock(logger, reading, outcome);
      await forgetEventFailure(tx, { account, eventId: event._id, work: "describe" });
    });

  return { readOne, recordListed };
}

const forbidden = (account: string, eventId: string) =>
  new Failure(
    "refused",
    `Vivenu lists the other events of ${account} and refuses this one, so it stays as it was: if it is another seller's by now, leave it out with VIVENU_EXCLUDE_EVENTS=${eventId}`,
    { account, eventId, isForbidden: true },
  );

const unconfirmed = (account: string, eventId: string) =>
  new Failure(
    "unavailable",
    "Vivenu answered 404 for this event alone, and neither its account's list nor a webhook says that it is gone: it stays as it was until the list, which is read anew, lacks it as well",
    { account, eventId },
  );

const goneWithMost = (account: string, eventId: string) =>
  new Failure(
    "unavailable",
    `Vivenu lists most events of ${account} no more, and answers 404 for this one: it stays as it was, and is gone when that is still so the day after; does the account's key see less than before?`,
    { account, eventId },
  );

export const isForbidden = (error: unknown) =>
  isFailure(error, "refused") && error.context.isForbidden === true;
