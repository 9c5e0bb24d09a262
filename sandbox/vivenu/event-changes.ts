import type { ISql } from "postgres";
import type { EventDocument, StoredEvent } from "./documents.ts";
import { insertEvent, markDeleted, readEvent, writeEvent } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { idFrom, randomObjectId } from "./ids.ts";
import { announceEvent, change, type Stage } from "./stage.ts";

type Patch = Record<string, unknown>;

/** A merge patch (RFC 7386); `updatedAt` moves on and `event.updated` goes out. */
export const patchEvent = (stage: Stage, id: string, patch: Patch) =>
  change(stage, async (sql, at) => {
    const event = await eventToChange(sql, id);
    return replaceDocument(sql, event, merged(event.document, patch), at);
  });

export const patchTicketType = (stage: Stage, id: string, typeId: string, patch: Patch) =>
  change(stage, async (sql, at) => {
    const event = await eventToChange(sql, id);
    if (!event.document.tickets.some(({ _id }) => _id === typeId)) {
      throw new HttpError(404, "The event has no such ticket type");
    }
    const tickets = event.document.tickets.map((type) =>
      type._id === typeId ? { ...type, ...merged(type, patch), _id: typeId } : type,
    );
    return replaceDocument(sql, event, { ...event.document, tickets }, at);
  });

export const deleteEvent = (stage: Stage, id: string) =>
  change(stage, async (sql, at) => {
    const event = await eventToChange(sql, id);
    await markDeleted(sql, id, at);
    await announceEvent(sql, event, "event.deleted", at);
  });

/** A new event like another one, with ids of its own and no tickets; `event.created` goes out. */
export const copyEvent = (stage: Stage, id: string, patch: Patch) =>
  change(stage, async (sql, at) => {
    const event = await eventToChange(sql, id);
    const newId = randomObjectId(at);
    const own = (text: string) =>
      text.replace(
        /"(68[0-9a-f]{22})"/g,
        (_, old) => `"${old === id ? newId : idFrom(newId, old)}"`,
      );
    const document: EventDocument = {
      ...event.document,
      ...merged(JSON.parse(own(JSON.stringify(event.document))), patch),
      _id: newId,
      createdAt: at.toISOString(),
      updatedAt: at.toISOString(),
    };
    const copy: StoredEvent = {
      ...event,
      id: newId,
      partners: JSON.parse(own(JSON.stringify(event.partners))),
      document,
    };
    await insertEvent(sql, copy);
    await announceEvent(sql, copy, "event.created", at);
    return document;
  });

async function eventToChange(sql: ISql, id: string) {
  await sql`select 1 from vivenu.event where id = ${id} for update`;
  const event = await readEvent(sql, id);
  if (!event) throw new HttpError(404, "Event not found");
  return event;
}

async function replaceDocument(sql: ISql, event: StoredEvent, patched: Patch, at: Date) {
  const { _id, sellerId, updatedAt } = event.document;
  // Two changes within a millisecond are still one after the other.
  const next = new Date(Math.max(at.getTime(), Date.parse(updatedAt) + 1)).toISOString();
  const document: EventDocument = {
    ...event.document,
    ...patched,
    _id,
    sellerId,
    updatedAt: next,
  };
  for (const field of Object.keys(event.document)) if (!(field in patched)) delete document[field];
  const changed = { ...event, document };
  await writeEvent(sql, changed);
  await announceEvent(sql, changed, "event.updated", at);
  return document;
}

function merged(target: unknown, patch: Patch): Patch {
  const result: Patch = isObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = isObject(value) ? merged(result[field], value) : value;
  }
  return result;
}

const isObject = (value: unknown): value is Patch =>
  typeof value === "object" && value !== null && !Array.isArray(value);
