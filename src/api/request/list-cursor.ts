import { z } from "@hono/zod-openapi";
import type { KeyKind, ListPage, Place, Sort } from "../../projections/queries/row-types.ts";
import { decode, digestOf, IdKey, InstantKey } from "./cursor.ts";
import { textOfSort } from "./list-query.ts";
import { partner } from "./read-for.ts";
import { readSince, textOfSince } from "./updated-since.ts";

/** What a cursor is bound to: it goes on with nothing else. */
export interface ListAsked {
  sort: Sort<string>;
  cursor?: ListCursor | undefined;
  as_of?: Date | undefined;
  updatedSince?: object | undefined;
}

export interface ListCursor {
  sort: string;
  /** Tells filters apart. */
  filters: string;
  place: Place;
  /** The `nextUpdatedSince` of the first page. */
  since: string;
}

const Whole = z.int();
const Since = z.string().refine((text) => readSince(text)?.position !== undefined);

const keyKinds: Record<KeyKind, z.ZodType<Place["key"]>> = {
  text: z
    .string()
    .max(1_000)
    .refine((text) => text.isWellFormed() && !text.includes("\u0000")),
  count: Whole,
  number: z.number(),
  instant: InstantKey,
  flag: z.boolean(),
  // A currency has three letters, whatever these are.
  money: z.string().regex(/^[^\0\ud800-\udfff]{3} -?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,2})?$/),
};

const notOfThisList = "is not a nextCursor of this list; leave it out to begin anew";

/** The `cursor` of a list whose rows have so many ids. */
export const listCursorOf = (list: string, kinds: Readonly<Record<string, KeyKind>>, ids: number) =>
  z
    .string("give it once")
    .transform((text, context): ListCursor => {
      const cursor = read(text);
      if (cursor && textOf(list, cursor) === text) return cursor;
      context.addIssue({ code: "custom", message: notOfThisList });
      return z.NEVER;

      function read(given: string): ListCursor | undefined {
        const outer = z
          .tuple([
            z.literal(list),
            z.string(),
            z.string(),
            z.unknown(),
            z.array(IdKey).length(ids),
            Since,
          ])
          .safeParse(decode(given));
        if (!outer.success) return undefined;
        const [, sort, filters, key, idsOfRow, since] = outer.data;
        const kind = kinds[sort.replace(/^-/, "")];
        const parsed = kind && keyKinds[kind].nullable().safeParse(key);
        if (!parsed?.success) return undefined;
        return { sort, filters, since, place: { key: parsed.data, ids: idsOfRow } };
      }
    })
    .optional()
    .openapi({
      type: "string",
      description:
        "The `nextCursor` of the page before; with the same `sort` and filters, for any others refuse it.",
    });

const textOf = (list: string, { sort, filters, place, since }: ListCursor) =>
  Buffer.from(JSON.stringify([list, sort, filters, place.key, place.ids, since])).toString(
    "base64url",
  );

/**
 * How a client goes on: with the next page, and when it has all of them with what changed since the first
 * one was read.
 */
export function followingOf(list: string, asked: ListAsked, page: ListPage<unknown, unknown>) {
  const since = asked.cursor?.since ?? textOfSince(page);
  const bound = { sort: textOfSort(asked.sort), filters: digestOf(asked), since };
  return {
    nextCursor: page.next && textOf(list, { ...bound, place: page.next }),
    // Of the past nothing goes on, and a key that sees some events only is refused `updatedSince`.
    nextUpdatedSince: asked.as_of === undefined && !partner() ? since : null,
  };
}

/** For the query as a whole: a cursor that was given for another one is refused, and why. */
export function refuseOtherCursor(asked: ListAsked, context: z.RefinementCtx) {
  const { cursor, sort } = asked;
  if (asked.as_of && asked.updatedSince)
    context.addIssue({
      code: "custom",
      path: ["updatedSince"],
      message: "says nothing of the past; leave out as_of or this",
    });
  if (!cursor) return;
  const refuse = (message: string) =>
    context.addIssue({ code: "custom", path: ["cursor"], message });
  if (cursor.sort !== textOfSort(sort))
    refuse(`is of a list sorted by ${cursor.sort}; send that sort with it, or leave it out`);
  else if (cursor.filters !== digestOf(asked))
    refuse("is of a list with other filters; send the same with it, or leave it out");
}
