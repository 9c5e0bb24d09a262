import { z } from "zod";
import { EventInstant, Hour, Id, Instant, Minor } from "../contracts/contract.ts";
import { kindOfInstant } from "../lib/written-instant.ts";

/** PostgreSQL's `integer`, which every number but money is kept as. */
const MOST = 2 ** 31 - 1;
/** A key of an index has room for some 2,700 bytes, and up to three names stand in one. */
const ID_BYTES = 500;

/**
 * What keeps a contract may still be nothing that our tables can hold, and the log never forgets: it
 * would be refused whenever it is read. Which field it is and why, never what is in it; undefined where all
 * is well.
 */
export function unstorableIn(schema: z.ZodType, value: unknown, path = ""): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return unstorableIn(typeOf(schema.unwrap()), value, path);
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries<z.ZodType>(schema.shape);
    return first(fields, ([name, field]) =>
      unstorableIn(field, Reflect.get(Object(value), name), step(path, name)),
    );
  }
  if (schema instanceof z.ZodArray)
    return first([...Array.from(value as Iterable<unknown>).entries()], ([index, item]) =>
      unstorableIn(typeOf(schema.element), item, step(path, String(index))),
    );
  if (schema instanceof z.ZodRecord)
    // A key is content, and is not named.
    return first(
      Object.entries(Object(value)),
      ([key, item]) =>
        unstorableIn(typeOf(schema.keyType), key, step(path, "a key")) ??
        unstorableIn(typeOf(schema.valueType), item, step(path, "a value")),
    );
  const fault = faultOf(schema, value);
  return fault && `${path}: ${fault}`;
}

function faultOf(schema: z.ZodType, value: unknown): string | undefined {
  if (typeof value === "number") {
    const isTooLarge = schema !== Minor && Math.abs(value) > MOST;
    return isTooLarge ? "a number that is too large for a count" : undefined;
  }
  if (typeof value !== "string") return undefined;
  if (schema === EventInstant && kindOfInstant(value) !== "instant")
    return "a date that an event cannot have";
  // Before the year 1 there is none in the calendar that PostgreSQL and the facts share.
  if (schema === Instant && value < "0001") return "an instant of a year that there never was";
  if (schema === Hour && !isHour(value)) return "an hour that there never was";
  if (schema === Id && Buffer.byteLength(value) > ID_BYTES) return "an id that is too long";
  return undefined;
}

function isHour(text: string) {
  const at = new Date(`${text}:00:00Z`);
  return text >= "0001" && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function first<Item>(items: Item[], look: (item: Item) => string | undefined) {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const step = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

/** The cast: zod says of what another schema is made of only that it is a schema of its core. */
const typeOf = (inner: unknown) => inner as z.ZodType;
