import { z } from "@hono/zod-openapi";
import type { StatusName } from "../../rules/event-status.ts";
import { UnreadableParameters } from "./problem.ts";

/** A query of these parameters and no others: a misspelt filter must not answer everything. */
export const queryOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const known = Object.keys(shape);
      const names = issue.keys.map((name) => name.slice(0, 100)).join(", ");
      return `Not a parameter here: ${names}. ${known.length > 0 ? `Known: ${known.join(", ")}.` : "There are none."}`;
    },
  });

export const limitOf = (fallback: number, most: number) => {
  const message = `must be a whole number from 1 to ${most}`;
  return z
    .string("give it once")
    .regex(/^[1-9]\d{0,8}$/, message)
    .transform(Number)
    .refine((limit) => limit <= most, message)
    .default(fallback)
    .openapi({
      ...{ type: "integer", minimum: 1, maximum: most, default: fallback, example: fallback },
      description: "How many rows a page has at most; of a file each row is there, whatever it is.",
    });
};

export const choiceOf = <const Known extends readonly string[]>(
  known: Known,
  fallback: Known[number],
  description: string,
) =>
  z
    .enum(known, { error: `must be one of ${known.join(", ")}` })
    .default(fallback)
    .openapi({ description, example: fallback });

/** A day of somebody's calendar. */
export const dateOf = (description: string, example?: string) =>
  z
    .string("give it once")
    .pipe(z.iso.date("must be a day like 2026-02-12"))
    .optional()
    .openapi({ type: "string", format: "date", description, ...(example && { example }) });

interface DayRange {
  from?: string | undefined;
  to?: string | undefined;
}

/** Two ends of a range that leave nothing between them are a mistake, and no empty list. */
export function refuseReversedDays({ from, to }: DayRange, context: z.RefinementCtx) {
  if (from !== undefined && to !== undefined && to < from)
    context.addIssue({ code: "custom", path: ["to"], message: "must not be before from" });
}

const EARLIEST_MS = Date.parse("0001-01-01T00:00:00Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * The instant that a text names. PostgreSQL and JavaScript write years outside of these differently, which an
 * offset alone can lead to; nothing that anybody asks for lies behind either end.
 */
export const instantIn = (text: string) =>
  new Date(Math.min(Math.max(Date.parse(text), EARLIEST_MS), LATEST_MS));

/** A plus that nobody encoded is a blank when it comes here; there is no other in an instant. */
export const withPlus = (text: string) => text.replace(/ (?=\d\d:\d\d$)/, "+");

export const instantOf = (description: string, within = (instant: Date) => instant) =>
  z
    .string("give it once")
    .transform(withPlus)
    .pipe(z.iso.datetime({ offset: true, error: "must be an instant like 2026-02-12T11:00:00Z" }))
    .transform((text) => within(instantIn(text)))
    .optional()
    .openapi({ type: "string", format: "date-time", description });

/** Written as an object so that the compiler misses none. */
export const statuses = Object.keys({
  CANCELLED: true,
  ENDED: true,
  DRAFT: true,
  ANNOUNCED: true,
  ON_SALE: true,
  SOLD_OUT: true,
  SALES_CLOSED: true,
  PAUSED: true,
  GROUP: true,
} satisfies Record<StatusName, true>);

export const eventIdInPath = z.object({
  eventId: z
    .string()
    .min(1)
    .openapi({ description: "Vivenu's id.", example: "68f000000000000000000001" }),
});

export const LONGEST_ID = 200;

/** Whether an event could have this id: PostgreSQL cannot even be asked for what it cannot hold. */
export const isPossibleId = (id: string) =>
  id.length <= LONGEST_ID && id.isWellFormed() && !id.includes("\u0000");

/** The hook of every route: a request that is not as declared is refused, with all that is wrong with it. */
export function refuseUnreadable(
  checked: { success: true } | { success: false; error: z.ZodError },
) {
  if (checked.success) return;
  const { issues } = checked.error;
  const details = issues.map(({ path, message }) =>
    path.length > 0 ? `Query parameter ${path.join(".")}: ${message}.` : message,
  );
  throw new UnreadableParameters(details.join(" "), issues.flatMap(faultsOf));
}

function faultsOf(issue: z.core.$ZodIssue) {
  const { path, message } = issue;
  if (path.length > 0) return [{ name: path.join("."), reason: message }];
  const names = issue.code === "unrecognized_keys" ? issue.keys : [];
  return names.map((name) => ({ name: name.slice(0, 100), reason: "is not a parameter here" }));
}
