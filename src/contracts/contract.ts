import { z } from "zod";

/** One kind of fact: where it is filed in the datacore, and what its payload must be. */
export interface Contract<EventType extends string, Payload extends z.ZodType> {
  flowType: string;
  eventType: EventType;
  payload: Payload;
}

export const contract = <EventType extends string, Payload extends z.ZodType>(
  flowType: string,
  eventType: EventType,
  payload: Payload,
): Contract<EventType, Payload> => ({ flowType, eventType, payload });

/** Names something at Vivenu, and a row in our tables. */
export const Id = z.string().min(1);

/** Money, which alone may need more than 32 bits. */
export const Minor = z.int();

/** A moment in UTC, to the millisecond. */
export const Instant = z.iso.datetime();

/** When an event begins or ends: an instant that has to be there, in a year in which events are. */
export const EventInstant = z.iso.datetime();

/** A UTC hour, `2026-02-12T11`: short, because a count may name thousands of them. */
export const Hour = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d$/);

/** What every fact says of itself. */
export const envelope = {
  /** Made from what the fact says, so that the same fact has the same key whoever records it again. */
  idempotencyKey: z.string().min(1).max(200),
  /** The Vivenu seller account, by its region: `DACH`. */
  account: Id,
  source: z.enum(["webhook", "poll", "backfill"]),
  /** When we learned it: a delivery's arrival, or the moment a request to Vivenu began. */
  observedAt: Instant,
};

/** Which slice of its subject a fact holds when the whole would be too large for one. */
export const Part = z.object({ number: z.int().min(1), of: z.int().min(1) });
