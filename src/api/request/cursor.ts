import { z } from "@hono/zod-openapi";
import { unreadable } from "./problem.ts";
import { isPossibleId } from "./query.ts";

/** What rows are sorted by. It begins with the rows' kind, so a cursor of another list is not read. */
export type SortKey = [kind: string, ...(string | number)[]];

/** What a cursor may hold: nobody can ask PostgreSQL for another instant or id. */
export const InstantKey = z
  .int()
  .min(Date.parse("0001-01-01T00:00:00Z"))
  .max(Date.parse("9999-12-31T23:59:59.999Z"));
export const IdKey = z.string().refine(isPossibleId);

export interface Order<Row, Key extends SortKey> {
  key: z.ZodType<Key>;
  keyOf(row: Row): Key;
}

export interface PageRequest<Key> {
  limit: number;
  cursor?: Key | undefined;
}

export const nextCursor = z.string().nullable().openapi({
  description: "Send it as `cursor` for the next page; null on the last one.",
  example: null,
});

/**
 * One page of the rows. The cursor is the key of the last row of the page before and not a place in
 * the list, so rows that come and go in between make no other row appear twice or be left out.
 */
export function pageOf<Row, Key extends SortKey>(
  rows: readonly Row[],
  { keyOf }: Order<Row, Key>,
  { limit, cursor }: PageRequest<Key>,
) {
  const rest = rows
    .map((row) => ({ row, key: keyOf(row) }))
    .filter(({ key }) => cursor === undefined || compare(key, cursor) > 0)
    .sort((one, other) => compare(one.key, other.key));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map(({ row }) => row),
    nextCursor: last && rest.length > limit ? encodeCursor(last.key) : null,
  };
}

export const cursorOf = <Key extends SortKey>(key: z.ZodType<Key>) =>
  z
    .string("give it once")
    .transform((text, context) => {
      const decoded = key.safeParse(decode(text));
      if (decoded.success && encodeCursor(decoded.data) === text) return decoded.data;
      context.addIssue({
        code: "custom",
        message: "is not a nextCursor of this list; leave it out to begin anew",
      });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", description: "The `nextCursor` of the page before." });

/** How many rows a page has and what is shown of them may change from one page to the next. */
const apart: readonly string[] = [
  "limit",
  "cursor",
  "fields",
  "sort",
  "format",
  "delimiter",
  "decimal",
];

/** Short, and another one for every other question: the same place is another one in another view. */
export const digestOf = (asked: object) =>
  Bun.hash(
    JSON.stringify(
      Object.entries(asked)
        .filter(([name, value]) => value !== undefined && !apart.includes(name))
        .map(([name, value]) => [name, Array.isArray(value) ? value.toSorted() : value])
        .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
    ),
  ).toString(36);

/** What a cursor holds of it. */
export const Digest = z.string().max(20);

/** The digest of what is asked; a cursor that was given for another question is refused. */
export function boundTo(
  asked: object,
  cursor: readonly [string, string, ...unknown[]] | undefined,
) {
  const digest = digestOf(asked);
  if (cursor && cursor[1] !== digest)
    throw unreadable(
      "cursor",
      "is of another query; send it with the same parameters as the page before",
    );
  return digest;
}

function compare(one: SortKey, other: SortKey) {
  for (const [index, part] of one.entries()) {
    const counterpart = other[index] ?? "";
    if (part !== counterpart) return part < counterpart ? -1 : 1;
  }
  return 0;
}

export const encodeCursor = (key: SortKey) =>
  Buffer.from(JSON.stringify(key)).toString("base64url");

export function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
