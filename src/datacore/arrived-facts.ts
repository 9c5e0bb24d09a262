import { z } from "zod";
import { contracts, type EventType, type Fact } from "../contracts/index.ts";
import { Failure } from "../lib/failure.ts";
import { readTraceparent } from "../lib/tracing.ts";
import { NO_CONTRACT, type Page, type Unreadable } from "./datacore.ts";
import { type PayloadReader, payloadReader } from "./payloads.ts";
import { reasonOf } from "./reason.ts";
import { compareIds, isTimeUuid } from "./time-uuid.ts";

/** A fact as Flowcore's answers have it, before anything of its payload is believed. */
export const ArrivedFact = z.looseObject({ eventId: z.string(), eventType: z.string() });
export type ArrivedFact = z.infer<typeof ArrivedFact>;

/** Splits what arrived into facts that keep their contract and ones that do not. */
export function sortArrived(
  arrived: readonly ArrivedFact[],
  read: PayloadReader = payloadReader(),
): Pick<Page, "facts" | "unreadable"> {
  const facts: Fact[] = [];
  const unreadable: Unreadable[] = [];
  for (const { eventId: id, eventType, payload, metadata } of arrived) {
    // An id without a time has no place in the log's order, and none in a uuid column.
    if (!isTimeUuid(id)) throw new Failure("refused", "a fact's id is not a UUID v1", { id });
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
const knownOf = (payload: unknown) => ({
  ...Keyed.safeParse(payload).data,
  ...Owned.safeParse(payload).data,
});
