import { z } from "zod";
import { Id, Text, Time } from "./fields.ts";
import { reasonOf, Ticket, VivenuEvent } from "./wire.ts";

/** One item of a list that breaks its contract; the others are none the worse for it. */
export interface Malformed {
  id: string | null;
  reason: string;
}

/** Null is what cannot be read. Nothing of a ticket's holder is looked at: its `name` is a person's. */
export interface MalformedTicket extends Malformed {
  eventId: string | null;
  createdAt: string | null;
  updatedAt: string | null;
}

export interface MalformedEvent extends Malformed {
  name: string | null;
}

export const parseTickets = (items: unknown[]) => parseItems(Ticket, items, whichTicket);
export const parseEvents = (items: unknown[]) => parseItems(VivenuEvent, items, whichEvent);

/** Item by item, so that a broken one does not sink the rest. */
function parseItems<Schema extends z.ZodType, Which>(
  schema: Schema,
  items: unknown[],
  which: (row: unknown) => Which,
) {
  const read: z.infer<Schema>[] = [];
  const malformed: (Which & { reason: string })[] = [];
  for (const row of items) {
    const parsed = schema.safeParse(row);
    if (parsed.success) read.push(parsed.data);
    else malformed.push({ ...which(row), reason: reasonOf(parsed.error) });
  }
  return { read, malformed };
}

/** A field of a row of which nothing is certain, not even that it is an object. */
const Loose = z.record(z.string(), z.unknown()).catch({});

const field = <Schema extends z.ZodType>(schema: Schema, row: unknown, name: string) =>
  schema.safeParse(Loose.parse(row)[name]).data ?? null;

const whichTicket = (row: unknown): Omit<MalformedTicket, "reason"> => {
  const createdAt = field(Time, row, "createdAt");
  return {
    id: field(Id, row, "_id"),
    eventId: field(Id, row, "eventId"),
    createdAt,
    updatedAt: field(Time, row, "updatedAt") ?? createdAt,
  };
};

export const whichEvent = (row: unknown): Omit<MalformedEvent, "reason"> => ({
  id: field(Id, row, "_id"),
  name: field(Text, row, "name"),
});
