import type { NewFact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { Logger } from "../../lib/logger.ts";
import { believed, unreadableOf } from "../../lib/written-instant.ts";
import type { VivenuEvent } from "../../vivenu/wire.ts";
import { forgetTickets } from "../store/baselines.ts";
import { eventStore } from "../store/event-store.ts";
import { readLosses, type Seen, type Version } from "../store/events-seen.ts";
import { describe, digestOf } from "./describe.ts";
import { eventFacts } from "./fact-parts.ts";

/** An event as it came in by one of the two doors. */
export interface Reading {
  account: string;
  source: "webhook" | "poll" | "backfill";
  event: VivenuEvent;
  /** A delivery's arrival, or when the request to Vivenu began. */
  observedAt: Date;
  /** Is said although nothing is new: the datacore may not have it. */
  force?: boolean;
}

/**
 * - `recorded`   it is news, and on its way to the datacore
 * - `unchanged`  it says what the newest known says
 * - `doubtful`   recorded, but it is older than what is known, or contradicts it: read the event again
 */
export type Outcome = "recorded" | "unchanged" | "doubtful";

/**
 * Records a reading when it says something new, in the caller's transaction. What is older than the
 * newest known is recorded too, as history; then the newest must be in the log as well, or the older
 * one would pass for it.
 */
export async function recordEvent(
  tx: Sql,
  reading: Reading,
  store = eventStore(tx),
): Promise<Outcome> {
  const { account, source, event, observedAt, force = false } = reading;
  // In one round trip, the lock first, which is sent at once: each is a statement of its own and sees what was done before.
  const [, currency, seen] = await Promise.all([
    store.lock(account, event._id),
    store.readCurrency(account, event._id),
    store.readSeen(account, event._id),
  ]);
  const read = besideWrongClock(versionOf(reading, currency), seen, source);
  const factsOf = (version: Version, key = keyOf(account, version), by = source) => {
    const subject = { key, account, source: by, observedAt: version.observedAt.toISOString() };
    return eventFacts(subject, version.updatedAt, version.description);
  };

  if (!seen) {
    await Promise.all([
      store.enqueue(factsOf(read), observedAt),
      store.saveSeen(account, { ...read, recorded: true, deletedAt: null }),
    ]);
    return "recorded";
  }
  // A webhook can be two hours old: only an answer of the API brings an event back.
  const isBack = seen.deletedAt !== null && source !== "webhook" && observedAt > seen.deletedAt;
  const deletedAt = isBack ? null : seen.deletedAt;
  // A reading that was under way when it went may have kept something since.
  if (isBack) await forgetTickets(tx, account, event._id);
  const isNews = isBack || force || read.digest !== seen.digest;
  const isSameVersion = read.versionAt.getTime() === seen.versionAt.getTime();
  const isNewest = isNewer(read, seen);
  // The plain key may have been used for an earlier look at the same version.
  const key = isBack || (isNewest && isSameVersion) ? momentKeyOf(account, read) : undefined;
  const facts = isNews ? factsOf(read, key) : [];
  if (isNewest) {
    const recorded = isNews || (isSameVersion && seen.recorded);
    await Promise.all([
      store.enqueue(facts, observedAt),
      store.saveSeen(account, { ...read, recorded, deletedAt }),
      isNews && store.markDirty(account, event._id),
    ]);
  } else if (isNews) {
    // Two contents of one version are told apart by when they were seen, so that is said anew as well.
    const isHidden = isSameVersion || !seen.recorded;
    // As a webhook's, whoever saw it: it must not pass for an answer that brings the event back.
    const saidAnew = isHidden ? factsOf(seen, momentKeyOf(account, seen), "webhook") : [];
    await Promise.all([
      store.enqueue([...facts, ...saidAnew], observedAt),
      store.saveSeen(account, { ...seen, recorded: true, deletedAt }),
    ]);
  }

  if (isBack) return "recorded";
  if (deletedAt !== null || (isNews && !isNewest)) return "doubtful";
  // A webhook that contradicts what is known under one time, or whose time says nothing.
  if (isNews && source === "webhook" && (isSameVersion || isUnbelieved(read))) return "doubtful";
  return isNews ? "recorded" : "unchanged";
}

function versionOf(
  { event, observedAt }: Pick<Reading, "event" | "observedAt">,
  currency: string | null,
): Version {
  const said = event.updatedAt ?? null;
  const updatedAt = believed(said, observedAt.toISOString());
  const described = describe(event, currency);
  // Said once, for as long as it is so: else nobody learns of a clock that is wrong.
  const unbelieved = said !== null && updatedAt === null ? ["updatedAt"] : [];
  const description = {
    ...described,
    ...unreadableOf([...(described.unreadable ?? []), ...unbelieved]),
  };
  const versionAt = new Date(updatedAt ?? observedAt);
  const prices = Object.fromEntries(event.tickets.map(({ _id, price }) => [_id, price]));
  return { versionAt, observedAt, updatedAt, digest: digestOf(description), description, prices };
}

/** Says once of each description that is news that the clock behind it cannot be right. */
export function warnOfClock(
  logger: Logger,
  { account, event, observedAt }: Reading,
  outcome: Outcome,
) {
  const { _id: eventId, updatedAt } = event;
  if (outcome === "unchanged" || updatedAt === null) return;
  if (believed(updatedAt, observedAt.toISOString()) === null)
    logger.warn({ account, eventId, updatedAt, observedAt }, "event.clock_wrong");
}

/** Its time of change says nothing, so when it was observed stands in for it. */
const isUnbelieved = ({ updatedAt, description }: Version) =>
  updatedAt === null && (description.unreadable ?? []).includes("updatedAt");

/**
 * An answer of the API says how the event is, so it stands above what only a wrong clock put later than
 * the answer's own time of change: it counts from when it was asked for.
 */
function besideWrongClock(read: Version, seen: Seen | undefined, source: Reading["source"]) {
  const isAnswer = seen && source !== "webhook" && read.observedAt > seen.observedAt;
  if (!isAnswer || !isUnbelieved(seen) || read.versionAt > seen.versionAt) return read;
  return { ...read, versionAt: read.observedAt, updatedAt: null };
}

/** As PostgreSQL orders them in the projections; a fact's key continues with the digest. */
function isNewer(a: Version, b: Version) {
  const byVersion = a.versionAt.getTime() - b.versionAt.getTime();
  const byMoment = byVersion || a.observedAt.getTime() - b.observedAt.getTime();
  return byMoment === 0 ? a.digest > b.digest : byMoment > 0;
}

const keyOf = (account: string, { versionAt, digest, description }: Version) =>
  `event.updated/${account}/${description.eventId}/${versionAt.toISOString()}/${digest}`;

export const momentKeyOf = (account: string, version: Version) =>
  `${keyOf(account, version)}/${version.observedAt.toISOString()}`;

export interface Deletion {
  account: string;
  source: "webhook" | "poll";
  eventId: string;
  name: string | null;
  observedAt: Date;
  /** As it was in the end, where that is said. */
  event?: VivenuEvent;
}

/**
 * Records that an account has lost an event; false when that was known. Whether another one has it is for
 * whoever reads the log to say, in whatever order it learns of both.
 */
export async function recordDeletion(
  tx: Sql,
  deletion: Deletion,
  store = eventStore(tx),
): Promise<boolean> {
  const { account, source, eventId, name, observedAt, event } = deletion;
  await store.lock(account, eventId);
  const seen = await store.readSeen(account, eventId);
  if (seen?.deletedAt) return false;
  await forgetTickets(tx, account, eventId);
  const lostBy = (loser: string, lostAt: Date): NewFact => {
    const at = lostAt.toISOString();
    const idempotencyKey = `event.deleted/${loser}/${eventId}/${at}`;
    const payload = { idempotencyKey, account: loser, source, observedAt: at, eventId, name };
    return { eventType: "event.deleted.0", payload };
  };
  // Programs from before did not say that it moved away, and it would be taken to be there still.
  const before = await readLosses(tx, account, eventId);
  const losses = before.map((loss) => lostBy(loss.account, loss.deletedAt));
  await store.enqueue([...losses, lostBy(account, observedAt)], observedAt);
  if (seen) await store.saveSeen(account, { ...seen, deletedAt: observedAt });
  // Said although it was never seen: its creation may still be on its way, and say nothing new.
  else if (event) {
    const last = versionOf({ event, observedAt }, await store.readCurrency(account, eventId));
    const subject = {
      key: keyOf(account, last),
      account,
      source: "webhook",
      observedAt: observedAt.toISOString(),
    } as const;
    await store.enqueue(eventFacts(subject, last.updatedAt, last.description), observedAt);
    await store.saveSeen(account, { ...last, recorded: true, deletedAt: observedAt });
  }
  return true;
}
