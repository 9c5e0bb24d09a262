import { z } from "zod";
import { kindOfInstant, UNREADABLE } from "../lib/written-instant.ts";

const MAX_AMOUNT = 2 ** 31 - 1;
const ZONED = /(?:Z|[+-]\d\d:?\d\d)$/i;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d\S*)?$/;
/** How `toISOString()` writes a year that four digits cannot. */
const FAR_YEAR = /^[+-]\d{6}-\d\d-\d\dT\S+Z$/;

/** No comma and no slash: ids are joined by commas and put into paths. */
export const Id = z.string().regex(/^\w[\w.:-]{0,99}$/, "not an id");

/** PostgreSQL stores neither NUL nor half a surrogate pair. */
export const Text = z.string().transform((text) => text.replaceAll("\u0000", "").toWellFormed());

/** An instant in UTC to the millisecond, as `toISOString()` writes it. */
const AnyTime = z.string().transform((text, context) => {
  const time = readTime(text);
  if (time !== undefined) return time;
  context.addIssue("not a time");
  return z.NEVER;
});

/** One that has to be there: it cannot be open, nor in a year in which nothing of ours is. */
export const Time = AnyTime.refine(
  (time) => kindOfInstant(time) === "instant",
  "no date that it can have",
);

/** Without a zone it is UTC: `Date` would take the zone of the machine. */
function readTime(text: string) {
  const [, year, month, day] = DATE_TIME.exec(text) ?? [];
  // `Date` takes a day that its month has not for one of the next month.
  if (!day || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())
    return undefined;
  const date = new Date(ZONED.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`);
  const iso = Number.isNaN(date.getTime()) ? "" : date.toISOString();
  return iso.length === 24 ? iso : undefined;
}

/** A number that somebody has put into quotes is one all the same: a cap that is overlooked would be none. */
const Numeric = z.preprocess(
  (said) =>
    typeof said === "string" && /^-?\d{1,15}(\.\d{1,15})?$/.test(said) ? Number(said) : said,
  z.number(),
);

/** Places: a float in Vivenu's schema. Bounded by what a column holds, for some write 1e12 for "many". */
export const Amount = Numeric.transform(placesOf);

function placesOf(amount: number) {
  return Math.min(Math.max(Math.trunc(amount) || 0, 0), MAX_AMOUNT);
}

/** In major units, a float; whoever needs minor units knows the currency. */
export const Price = Numeric;

/** The optional ones never sink what they are part of: absent and unreadable are both null. */
export const OptionalId = Id.nullable().catch(null);
export const OptionalText = Text.transform((text) => text || null)
  .nullable()
  .catch(null);
/** Whether it is a date that can be, or an open end, is for whoever describes what it belongs to. */
export const OptionalTime = AnyTime.nullable().catch(null);
/**
 * The same of an event, whose times people are shown: what somebody wrote there and is no time is
 * unreadable, and not the same as nothing. A year beyond four digits is no fault before it is judged.
 */
export const OptionalEventTime = AnyTime.nullable().catch(({ value }) => {
  if (value === undefined || value === "") return null;
  const isFar =
    typeof value === "string" && FAR_YEAR.test(value) && !Number.isNaN(Date.parse(value));
  return isFar ? value : UNREADABLE;
});
/**
 * A limit: 0 is one of no places, but for `maxAmount`, which Vivenu wants said where there is none. What is
 * written there and is no number is NaN, for whoever describes what it belongs to: it is not the same as none.
 */
export const OptionalAmount = Numeric.refine((amount) => amount >= 0)
  .transform(placesOf)
  .nullable()
  .catch(({ value }) =>
    value === undefined || value === "" || typeof value === "number" ? null : Number.NaN,
  );
export const OptionalPrice = Price.nullable().catch(null);
export const Flag = z.boolean().catch(false);

/**
 * A name as IANA gives them. Whether today's zone data knows it is asked where a local time is worked
 * out: data that is renewed later must find what Vivenu said, and not what we knew of it then.
 */
export const OptionalZone = z
  .string()
  .trim()
  .regex(/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/)
  .max(64)
  .nullable()
  .catch(null);

export const OptionalCurrency = z
  .string()
  .regex(/^[A-Za-z]{3}$/)
  .transform((code) => code.toUpperCase())
  .nullable()
  .catch(null);

const leftOutOf = new WeakMap<readonly unknown[], number>();
const unsaid = new WeakSet<readonly unknown[]>();

/** How many elements were left out of a list that `listOf` read; one where it was no list. */
export const countLeftOut = (list: readonly unknown[]): number => leftOutOf.get(list) ?? 0;
/** Whether a list that `listOf` read was not there at all. */
export const isUnsaid = (list: readonly unknown[]): boolean => unsaid.has(list);

/** A list that is only as good as its elements: those that cannot be read are left out, and counted. */
export const listOf = <Element extends z.ZodType>(element: Element) =>
  z
    .array(z.unknown())
    .catch(({ value }) => {
      const none: unknown[] = [];
      if (value === undefined || value === null) unsaid.add(none);
      else leftOutOf.set(none, 1);
      return none;
    })
    .transform((candidates) => {
      const read = candidates.flatMap((candidate) => {
        const parsed = element.safeParse(candidate);
        return parsed.success ? [parsed.data] : [];
      });
      if (isUnsaid(candidates)) unsaid.add(read);
      const left = candidates.length - read.length + countLeftOut(candidates);
      if (left > 0) leftOutOf.set(read, left);
      return read;
    });
