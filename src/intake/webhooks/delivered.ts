import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { Sql } from "../../database/connect.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { currentTraceparent, traced } from "../../lib/tracing.ts";
import { whichEvent } from "../../vivenu/list-items.ts";
import { reportUnknown } from "../../vivenu/unknown-fields.ts";
import { Delivery, parse, VivenuEvent } from "../../vivenu/wire.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { recordDeletion, recordEvent, warnOfClock } from "../events/record-event.ts";
import { type EventStore, eventStore } from "../store/event-store.ts";
import { readAccountOf } from "../store/events-seen.ts";
import type { WaitingDelivery } from "../store/inbox.ts";
import type { NewRecountRequest } from "../store/recount-requests.ts";
import { isDeletion } from "./delivery-types.ts";

/** A delivery and the event that it is about. */
export interface Opened {
  delivery: WaitingDelivery;
  event: VivenuEvent;
  /** Of its body, unpacked. */
  bytes: number;
}

/** A delivery of which it is known whose it is. */
export interface Owned extends Opened {
  account: string;
}

export function openDelivery(delivery: WaitingDelivery, logger: Logger): Opened {
  const body = gunzipSync(delivery.compressed);
  const event = eventOf({ type: delivery.type, body }, logger);
  return { delivery, event, bytes: body.byteLength };
}

export async function ownDelivery(tx: Sql, opened: Opened): Promise<Owned> {
  const account = opened.delivery.account ?? (await readAccountOf(tx, opened.event._id));
  if (account === undefined)
    throw new Failure(
      "malformed",
      "neither key nor seller nor event tell whose it is: give each account a webhook key of its own",
    );
  return { ...opened, account };
}

export interface RecordOptions {
  filter: EventFilter;
  logger: Logger;
  /** Told of an event that is to be read again. */
  readAgain: (request: NewRecountRequest) => void;
  /** Of the same transaction. */
  store?: EventStore;
}

/** Records what a delivery says, in the caller's transaction, and says what came of it. */
export function recordDelivery(tx: Sql, owned: Owned, options: RecordOptions): Promise<string> {
  const { delivery, event, account } = owned;
  const { type, traceparent: parent } = delivery;
  const attributes = { account, type, event_id: event._id };
  return traced("delivery.translate", { parent, kind: "consumer", attributes }, async (span) => {
    const outcome = await record(tx, owned, options);
    span.set({ outcome });
    return outcome;
  });
}

async function record(
  tx: Sql,
  { delivery: { type, receivedAt }, event, account }: Owned,
  { filter, logger, readAgain, store = eventStore(tx) }: RecordOptions,
): Promise<string> {
  const { _id: eventId, name } = event;
  const traceparent = currentTraceparent();
  // One that is watched goes on being watched when it is renamed.
  const stays = !filter.excludes(eventId) && (await store.isWatched(account, eventId));
  if (!stays && !filter.wants(account, event)) return "not watched";
  const request = { account, eventId, at: receivedAt, traceparent };
  const observed = { account, source: "webhook" as const, event, observedAt: receivedAt };
  if (isDeletion(type)) {
    const isNews = await recordDeletion(tx, { ...observed, eventId, name }, store);
    // Vivenu's word is final only as an answer: the webhook can be two hours old.
    if (isNews) readAgain(request);
    return "deleted";
  }
  const outcome = await recordEvent(tx, observed, store);
  warnOfClock(logger, observed, outcome);
  // Recount requests of one that was not known yet were not for anybody.
  if (outcome === "doubtful" || !stays) readAgain(request);
  return outcome;
}

const EventData = z.object({ event: z.unknown() });

/** A parser's message quotes the text that it stumbled over. */
function jsonOf(body: Uint8Array, type: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Failure("malformed", `${type} is not JSON`);
  }
}

/** The event that a delivery is about. */
export function eventOf({ body, type }: { body: Uint8Array; type: string }, logger: Logger) {
  const raw = jsonOf(body, type);
  reportUnknown(logger, "delivery", [raw]);
  const delivery = parse(Delivery, raw, { what: type });
  const { event } = parse(EventData, delivery.data, { what: type });
  reportUnknown(logger, "event", [event]);
  const { id, name } = whichEvent(event);
  const which = id === null ? "" : ` of ${name ?? "an event"} (${id})`;
  return parse(VivenuEvent, event, { what: `${type}${which}` });
}
