import type { NewFact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { believed, unreadableOf } from "../../lib/written-instant.ts";
import type { VivenuEvent } from "../../vivenu/wire.ts";
import { forgetTickets } from "../store/baselines.ts";
import { type EventStore, eventStore } from "../store/event-store.ts";
import { type Description, readLosses, type Seen, type Version } from "../store/events-seen.ts";
import { describe, digestOf, unsaidPartsOf } from "./describe.ts";
import { eventFacts } from "./fact-parts.ts";
import { lostParts } from "./lost-parts.ts";

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
  const { account, source, event, observedAt } = reading;
  // In one round trip, the lock first, which is sent at once: each is a statement of its own and sees what was done before.
  const [, currency, seen] = await Promise.all([
    store.lock(account, event._id),
    store.readCurrency(account, event._id),
    store.readSeen(account, event._id),
  ]);
  if (seen) refuseWithout(event, seen.description);
  const read = besideWrongClock(versionOf(reading, currency), seen, source);
  if (seen) refuseLost(seen.description, read.description, unsaidPartsOf(event));
  if (!seen) {
    await Promise.all([
      store.enqueue(factsOf(reading, read), observedAt),
      store.saveSeen(account, { ...read, recorded: true, deletedAt: null }),
    ]);
    return "recorded";
  }
  const known = { seen, standing: standingOf(reading, read, seen) };
  const { isBack, isNewest, isNews } = known.standing;
  // A reading that was under way when it went may have kept something since.
  if (isBack) await forgetTickets(tx, account, event._id);
  if (isNewest) await takeOver(store, reading, read, known);
  else if (isNews) await keepAsHistory(store, reading, read, known);
  return outcomeOf(known.standing, read, source);
}

/**
 * A reading without a list that the event had says nothing of what was in it: taken for an empty one, all that
 * was in it would be gone.
 */
function refuseWithout({ unsaid, tickets }: VivenuEvent, before: Description) {
  if (unsaid.length === 0) return;
  const ids = new Set(tickets.map(({ _id }) => _id));
  const added = before.ticketTypes.filter((one) => one.autoAdded && ids.has(one.ticketTypeId));
  const had = {
    tickets: before.ticketTypes,
    categories: before.categories,
    groups: added,
    cartAutomationRules: added,
    underShops: before.underShops,
  };
  const lost = unsaid.filter((name) => had[name].length > 0);
  if (lost.length === 0) return;
  const counted = lost.map((name) => `${name} (${had[name].length})`).join(", ");
  throw new Failure(
    "malformed",
    `it comes without ${counted}, which it had, and not with empty lists: it stays as it was`,
    { eventId: before.eventId },
  );
}

/** What cannot be read or is not said any more, and was until now, is not gone either. */
function refuseLost(before: Description, after: Description, unsaid: readonly string[]) {
  const lost = lostParts(before, after, [...(after.unreadable ?? []), ...unsaid]);
  if (lost.length === 0) return;
  throw new Failure(
    "malformed",
    `its ${lost.join(", ")} cannot be read, and could be until now: the event stays as it was`,
    { eventId: before.eventId },
  );
}

/** What a reading is beside the newest description that is known of its event. */
interface Standing {
  /** An answer of the API that was asked for after the event went: it brings the event back. */
  isBack: boolean;
  /** It is to be recorded: it says something else, or has to be said. */
  isNews: boolean;
  isNewest: boolean;
  /** Both are of one time of change. */
  isSameVersion: boolean;
  /** When the event went, unless this reading brings it back. */
  deletedAt: Date | null;
}

interface Known {
  seen: Seen;
  standing: Standing;
}

function standingOf(
  { source, observedAt, force = false }: Reading,
  read: Version,
  seen: Seen,
): Standing {
  // A webhook can be two hours old: only an answer of the API brings an event back.
  const isBack = seen.deletedAt !== null && source !== "webhook" && observedAt > seen.deletedAt;
  return {
    isBack,
    isNews: isBack || force || read.digest !== seen.digest,
    isNewest: isNewer(read, seen),
    isSameVersion: read.versionAt.getTime() === seen.versionAt.getTime(),
    deletedAt: isBack ? null : seen.deletedAt,
  };
}

/** It is the newest from now on, and recorded where it is news. */
async function takeOver(
  store: EventStore,
  reading: Reading,
  read: Version,
  { seen, standing }: Known,
) {
  const { account, event, observedAt } = reading;
  const { isBack, isNews, isSameVersion, deletedAt } = standing;
  // The plain key may have been used for an earlier look at the same version.
  const key = isBack || isSameVersion ? momentKeyOf(account, read) : keyOf(account, read);
  const recorded = isNews || (isSameVersion && seen.recorded);
  await Promise.all([
    store.enqueue(isNews ? factsOf(reading, read, key) : [], observedAt),
    store.saveSeen(account, { ...read, recorded, deletedAt }),
    isNews && store.markDirty(account, event._id),
  ]);
}

/** It is recorded although something newer is known; the newest is said anew where it would be hidden. */
async function keepAsHistory(
  store: EventStore,
  reading: Reading,
  read: Version,
  { seen, standing }: Known,
) {
  const { account, observedAt } = reading;
  const { isBack, isSameVersion, deletedAt } = standing;
  const key = isBack ? momentKeyOf(account, read) : keyOf(account, read);
  // Two contents of one version are told apart by when they were seen, so that is said anew as well.
  const isHidden = isSameVersion || !seen.recorded;
  // As a webhook's, whoever saw it: it must not pass for an answer that brings the event back.
  const asWebhook = { ...reading, source: "webhook" as const };
  const saidAnew = isHidden ? factsOf(asWebhook, seen, momentKeyOf(account, seen)) : [];
  await Promise.all([
    store.enqueue([...factsOf(reading, read, key), ...saidAnew], observedAt),
    store.saveSeen(account, { ...seen, recorded: true, deletedAt }),
  ]);
}

function outcomeOf(
  { isBack, isNews, isNewest, isSameVersion, deletedAt }: Standing,
  read: Version,
  source: Reading["source"],
): Outcome {
  if (isBack) return "recorded";
  if (deletedAt !== null || (isNews && !isNewest)) return "doubtful";
  // A webhook that contradicts what is known under one time, or whose time says nothing.
  if (isNews && source === "webhook" && (isSameVersion || isUnbelieved(read))) return "doubtful";
  return isNews ? "recorded" : "unchanged";
}

function factsOf({ account, source }: Reading, version: Version, key = keyOf(account, version)) {
  const subject = { key, account, source, observedAt: version.observedAt.toISOString() };
  return eventFacts(subject, version.updatedAt, version.description);
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
