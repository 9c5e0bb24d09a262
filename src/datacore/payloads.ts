import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { contracts, type EventType } from "../contracts/index.ts";

/** Shorter lists are validated sooner than looked up. */
const WORTH_IT = 8;

export type PayloadReader = (
  eventType: EventType,
  payload: unknown,
) => z.ZodSafeParseResult<unknown>;

/**
 * Holds payloads against their contracts. A fact says of most ticket types what the fact of its event
 * before said: an item that is exactly as one that was valid there is taken for it, as the same object.
 * What always holds: the answer is the contract's own, whatever was read before. Whoever reads a fact
 * must not write into it.
 */
export function payloadReader({ items = 30_000 } = {}): PayloadReader {
  const memory = itemMemory(items);

  return function read(eventType, payload) {
    const { payload: schema } = contracts[eventType];
    const place = Place.safeParse(payload);
    if (!place.success) return schema.safeParse(payload);
    const lists = listsOf[eventType].flatMap((field) => {
      const list = place.data[field];
      if (!Array.isArray(list) || list.length < WORTH_IT) return [];
      const { eventId, part } = place.data;
      const key = `${eventType} ${field} ${part.number} ${eventId}`;
      return { field, key, ...known(list, memory.read(key)) };
    });
    if (lists.length === 0) return schema.safeParse(payload);
    const unknownItems = Object.fromEntries(lists.map(({ field, unknown }) => [field, unknown]));
    const parsed = schema.safeParse({ ...place.data, ...unknownItems });
    // What is wrong is named by its place in the whole.
    if (!parsed.success) return schema.safeParse(payload);
    const data: Record<string, unknown> = { ...parsed.data };
    for (const { field, key, items, unknown } of lists) {
      const valid = data[field];
      if (!Array.isArray(valid)) continue;
      let next = 0;
      const allItems = items.map((item) => item ?? sameOf(unknown[next], valid[next++]));
      data[field] = allItems;
      memory.write(key, allItems);
    }
    return { success: true, data };
  };
}

const Place = z.looseObject({ eventId: z.string(), part: z.looseObject({ number: z.int() }) });

/** The lists of a payload that are valid if each of their items is. */
const listsOf = Object.fromEntries(
  Object.entries(contracts).map(([eventType, { payload }]) => [
    eventType,
    Object.entries<z.ZodType>(payload.shape)
      .filter(
        ([, list]) =>
          list instanceof z.ZodArray &&
          list.element instanceof z.ZodObject &&
          [list, list.element].every(({ def }) => (def.checks ?? []).length === 0),
      )
      .map(([field]) => field),
  ]),
  // The cast: the keys are those of `contracts`.
) as Record<EventType, string[]>;

/** Of a list: the items that are as they were at their places, and those that have to be validated. */
function known(list: readonly unknown[], before: readonly unknown[]) {
  const items = list.map((item, index) =>
    isSame(item, before[index]) ? before[index] : undefined,
  );
  return { items, unknown: list.filter((_, index) => items[index] === undefined) };
}

/** The item as it came, so that the next one is compared with all that is in it; or what is valid of it. */
const sameOf = (came: unknown, valid: unknown) => (isDeepStrictEqual(came, valid) ? came : valid);

/** Of values that JSON can hold; keys in another order are taken for others. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other))
    return false;
  const others = Object.keys(other);
  let at = 0;
  // A loop, and values that differ only: this runs for every field of every item of every fact.
  for (const key of Object.keys(one)) {
    if (key !== others[at++]) return false;
    const value = one[key];
    if (value !== other[key] && !isSame(value, other[key])) return false;
  }
  return at === others.length;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Lists of items, so many items at most: those that were not asked for the longest give way. */
function itemMemory(most: number) {
  const lists = new Map<string, readonly unknown[]>();
  let held = 0;
  return {
    read: (key: string) => lists.get(key) ?? [],
    write(key: string, list: readonly unknown[]) {
      held += list.length - (lists.get(key)?.length ?? 0);
      lists.delete(key);
      lists.set(key, list);
      for (const [oldest, { length }] of lists) {
        if (held <= most) break;
        lists.delete(oldest);
        held -= length;
      }
    },
  };
}
