import { z } from "@hono/zod-openapi";
import type { KeyKind, RowFilters, Sort } from "../../projections/queries/row-types.ts";
import { ticketClasses } from "../../rules/classify.ts";
import { eventTypes } from "../../rules/parents.ts";
import { searchWords } from "../../rules/search-words.ts";
import { dateOf, isPossibleId, LONGEST_ID, refuseReversedDays, statuses } from "./query.ts";
import { partner } from "./read-for.ts";

/** Of one filter so many values at most. */
const MOST_VALUES = 200;

/** How OpenAPI calls `a=1,2`; many clients send `a=1&a=2` whatever is said, which is taken as well. */
const withCommas = { style: "form", explode: false } as const;

const Several = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(",")))
  .transform((parts) => parts.map((part) => part.trim()));

export const mustBeAmong = (known: readonly string[]) =>
  known.length > 0
    ? `must be one of ${known.join(", ")}, or several of them with commas between them`
    : "no account is configured yet";

/** Some of the known names, in whatever case. */
export const namesOf = (
  known: readonly string[],
  description: string,
  /** Of these the caller may know some only; undefined where that is found out when it is read. */
  knownToCaller: () => readonly string[] | undefined = () => known,
) =>
  Several.transform((parts, context) => {
    const choice = knownToCaller() ?? parts.map((part) => part.toUpperCase());
    const names = parts.map((part) =>
      choice.find((one) => one.toLowerCase() === part.toLowerCase()),
    );
    if (names.every((name) => name !== undefined)) return [...new Set(names)];
    context.addIssue({ code: "custom", message: mustBeAmong(choice) });
    return z.NEVER;
  })
    .optional()
    .openapi({
      type: "array",
      items: { type: "string", ...(known.length > 0 && { enum: [...known] }) },
      description: `${description} Several with commas between them, in whatever case.`,
      ...(known.length > 0 && { example: known.slice(0, 2) }),
      param: { ...withCommas, ...(known.length > 0 && { example: known.slice(0, 2) }) },
    });

/** Accounts. Of those that are not its own a partner's key hears what it hears of names that nobody has. */
export const regionsOf = (regions: readonly string[], description: string) =>
  namesOf(regions, description, () => {
    const caller = partner();
    return caller ? caller.accounts : regions;
  });

/** Ids as Vivenu gave them. One that nobody could have is not there, and PostgreSQL is not asked for it. */
export const idsOf = (description: string, example: string) =>
  Several.transform((ids, context) => {
    if (ids.every((id) => id !== "") && ids.length <= MOST_VALUES) return [...new Set(ids)];
    context.addIssue({
      code: "custom",
      message: ids.includes("")
        ? "must not be empty"
        : `must be ${MOST_VALUES} ids at most, with commas between them`,
    });
    return z.NEVER;
  })
    .optional()
    .openapi({
      type: "array",
      items: { type: "string" },
      description: `${description} At most ${MOST_VALUES}, with commas between them.`,
      param: { ...withCommas, example: [example] },
    });

/** Ids of what has to be there: `named.ts` refuses what is not. */
export const namedIdsOf = (description: string, example: string) =>
  idsOf(`${description} 404, by name, where one of them is not there.`, example);

export const possibleIds = (ids: readonly string[] | undefined) => ids?.filter(isPossibleId);

export const flagOf = (description: string) =>
  z
    .enum(["true", "false"], { error: "must be true or false" })
    .transform((text) => text === "true")
    .optional()
    .openapi({ type: "boolean", description, example: true });

const percentOf = (description: string, example: number) => {
  const message = "must be a number of percent like 80 or 94.5";
  return z
    .string("give it once")
    .regex(/^\d{1,9}(\.\d{1,9})?$/, message)
    .transform(Number)
    .optional()
    .openapi({ type: "number", minimum: 0, description, example });
};

/** Points of a percentage, below 0 as well. */
export const pointsOf = (description: string, example: number) =>
  z
    .string("give it once")
    .regex(/^[-+]?\d{1,9}(\.\d{1,9})?$/, "must be a number of points like 5 or -2.5")
    .transform(Number)
    .optional()
    .openapi({ type: "number", description, example });

export const searchOf = (description: string) =>
  z
    .string("give it once")
    .max(LONGEST_ID, `must have ${LONGEST_ID} letters at most`)
    .transform((text, context) => {
      const words = searchWords(text).split(" ");
      if (words.some((word) => word !== "")) return words;
      context.addIssue({ code: "custom", message: "must have a letter or a digit in it" });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", maxLength: LONGEST_ID, description, example: "frankfurt" });

/** A column's name, with `-` before it for the other way round. */
export function sortOf<const Kinds extends Readonly<Record<string, KeyKind>>>(
  kinds: Kinds,
  fallback: keyof Kinds & string,
  more = "",
) {
  // The cast: these are its keys.
  const names = Object.keys(kinds) as (keyof Kinds & string)[];
  return z
    .string("give it once")
    .transform((text, context): Sort<keyof Kinds & string> => {
      const isDescending = text.startsWith("-");
      const wanted = text.slice(isDescending ? 1 : 0).toLowerCase();
      const by = names.find((name) => name.toLowerCase() === wanted);
      if (by !== undefined) return { by, isDescending };
      context.addIssue({
        code: "custom",
        message: `must be one of ${names.join(", ")}, with - before it for the other way round`,
      });
      return z.NEVER;
    })
    .default({ by: fallback, isDescending: false })
    .openapi({
      type: "string",
      enum: names.flatMap((name) => [name, `-${name}`]),
      default: fallback,
      description: [
        "The column to sort by, smallest first; with `-` before it largest first. Rows without a value come last either way, and rows of one value by their ids. Texts are compared without case and accents. Amounts of money (`value` by what was paid, `price`) are compared within their currency alone: rows come currency by currency, by its code (with `-` the last first).",
        ...(more === "" ? [] : [more]),
      ].join(" "),
      example: fallback,
    });
}

export const textOfSort = ({ by, isDescending }: Sort<string>) => (isDescending ? `-${by}` : by);

/** Names of what a row shows. */
export const fieldsOf = (known: readonly string[]) =>
  namesOf(
    known,
    "What of each row is answered, instead of all: the answer has these fields and no others, whatever its schema requires.",
  );

/** The row with the fields that are asked for, in its own order. */
export function fieldsOfRow<Row extends object>(
  row: Row,
  fields: readonly string[] | undefined,
): Row {
  if (!fields) return row;
  const wanted = new Set(fields);
  // The cast: who asks for some fields is told that the others are left out.
  return Object.fromEntries(Object.entries(row).filter(([name]) => wanted.has(name))) as Row;
}

/** The filters that lists of events and of ticket types share. */
export const rowFilters = (regions: readonly string[]) => ({
  region: regionsOf(regions, "The accounts."),
  status: namesOf(statuses, "What the event's status is now."),
  class: namesOf(
    ticketClasses,
    "What the ticket types are; of events those that have such a ticket type.",
  ),
  eventType: namesOf(eventTypes, "Vivenu's kind of the event."),
  q: searchOf(
    "Words that the name or the place (venue, city, country code) has in it, of ticket types also the event's name; without regard to case, accents and punctuation. All of them have to be there.",
  ),
  from: dateOf("The race's first day at the earliest, by the event's own calendar."),
  to: dateOf("The race's first day at the latest, by the event's own calendar."),
  percentSoldMin: percentOf(
    "`percentSold` at least, in percent; what was never counted is left out.",
    80,
  ),
  percentSoldMax: percentOf(
    "`percentSold` at most, in percent; what was never counted is left out.",
    100,
  ),
  inTotals: flagOf(
    "Ticket types that the event's totals hold, or do not; of events those that have such a ticket type.",
  ),
  active: flagOf(
    "Ticket types that are switched on, or off; of events those that have such a ticket type.",
  ),
  current: flagOf(
    "`true` leaves out what is deleted: events that are gone, and ticket types that their event no longer has. `false` leaves nothing out, as is the case without it.",
  ),
});

interface AskedFilters {
  region?: string[] | undefined;
  status?: string[] | undefined;
  class?: string[] | undefined;
  eventType?: string[] | undefined;
  q?: string[] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  percentSoldMin?: number | undefined;
  percentSoldMax?: number | undefined;
  inTotals?: boolean | undefined;
  active?: boolean | undefined;
  current?: boolean | undefined;
  ids?: string[] | undefined;
  eventId?: string[] | undefined;
}

export const filtersOf = (asked: AskedFilters): RowFilters => ({
  regions: asked.region,
  statuses: asked.status,
  classes: asked.class,
  eventTypes: asked.eventType,
  words: asked.q,
  fromDay: asked.from,
  toDay: asked.to,
  percentSoldMin: asked.percentSoldMin,
  percentSoldMax: asked.percentSoldMax,
  inTotals: asked.inTotals,
  active: asked.active,
  isCurrent: asked.current,
  ids: possibleIds(asked.ids),
  eventIds: possibleIds(asked.eventId),
});

/** Two ends of a range that leave nothing between them are a mistake, and no empty list. */
export function refuseEmptyRanges(
  asked: Pick<AskedFilters, "from" | "to" | "percentSoldMin" | "percentSoldMax">,
  context: z.RefinementCtx,
) {
  const { percentSoldMin: min, percentSoldMax: max } = asked;
  refuseReversedDays(asked, context);
  if (min !== undefined && max !== undefined && max < min)
    context.addIssue({
      code: "custom",
      path: ["percentSoldMax"],
      message: "must not be below percentSoldMin",
    });
}
