import { z } from "zod";
import { contracts, type EventType, type Fact } from "../contracts/index.ts";
import { readTraceparent } from "../lib/tracing.ts";
import { NO_CONTRACT, type Page, type Unreadable } from "./datacore.ts";
import { type PayloadReader, payloadReader } from "./payloads.ts";
import { reasonOf } from "./reason.ts";
import { standInId } from "./stand-in-id.ts";
import { compareIds, isTimeUuid } from "./time-uuid.ts";

const NAMELESS = { eventId: "", eventType: "" };

/** A fact as Flowcore's answers have it, before anything of it is believed. */
const ArrivedFact = z
  .looseObject({ eventId: z.string().catch(""), eventType: z.string().catch("") })
  .catch(NAMELESS);

/** Splits what arrived of one hour into facts that keep their contract and ones that do not. */
export function sortArrived(
  arrived: readonly unknown[],
  timeBucket: string,
  read: PayloadReader = payloadReader(),
): Pick<Page, "facts" | "unreadable"> {
  const facts: Fact[] = [];
  const unreadable: Unreadable[] = [];
  for (const item of arrived) {
    const { eventId: id, eventType, payload, metadata }: Arrived = ArrivedFact.parse(item);
    if (!isTimeUuid(id)) {
      const known = knownOf(payload);
      const factId = standInId(timeBucket, [id, eventType, known.idempotencyKey ?? ""]);
      unreadable.push({ factId, eventType, reason: noIdOf(id), ...known });
      continue;
    }
    // As PostgreSQL gives it back: what it knows is told from what is new by comparing ids as text.
    const eventId = id.toLowerCase();
    const leaveOut = (reason: string) =>
      unreadable.push({ factId: eventId, eventType, reason, ...knownOf(payload) });
    if (!isEventType(eventType)) {
      leaveOut(NO_CONTRACT);
      continue;
    }
    const parsed = read(eventType, payload);
    // The cast: TypeScript does not see that `eventType` chose the contract that `payload` keeps.
    if (parsed.success)
      facts.push({
        factId: eventId,
        eventType,
        payload: parsed.data,
        ...traceOf(metadata),
      } as Fact);
    else leaveOut(reasonOf(parsed.error));
  }
  facts.sort((a, b) => compareIds(a.factId, b.factId));
  return { facts, unreadable };
}

interface Arrived {
  eventId: string;
  eventType: string;
  payload?: unknown;
  metadata?: unknown;
}

/** Without a time in its id a fact has no place in the log's order. */
const noIdOf = (id: string) =>
  `its id in the log is no UUID v1${PLAIN.test(id) ? ` (${id})` : ""}: it cannot be applied until Flowcore has it under one`;

/** Another id may hold anything. */
const PLAIN = /^[\w-]{1,64}$/;

const Traced = z.object({ traceparent: z.string() });

function traceOf(metadata: unknown) {
  const traceparent = readTraceparent(Traced.safeParse(metadata).data?.traceparent);
  return traceparent === undefined ? {} : { traceparent };
}

const isEventType = (eventType: string): eventType is EventType =>
  Object.hasOwn(contracts, eventType);

const Keyed = z.object({ idempotencyKey: z.string() });
const Owned = z.object({ account: z.string() });

/** What can be read of a payload that breaks its contract. */
const knownOf = (payload: unknown): Pick<Unreadable, "idempotencyKey" | "account"> => ({
  ...Keyed.safeParse(payload).data,
  ...Owned.safeParse(payload).data,
});
