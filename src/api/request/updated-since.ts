import { z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { ListPage, Since } from "../../projections/queries/row-types.ts";
import { unreadable } from "./problem.ts";
import { instantIn, withPlus } from "./query.ts";

/** What `updatedSince` says: a moment, or up to where an earlier answer knew the rows. */
export interface AskedSince extends Since {
  database?: string | undefined;
}

export const sinceExample = "2026-02-12T11:00:00.000Z~16512~48213";

const TOKEN = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(\d{1,10})~(\d{1,20})$/;
const Instant = z.iso.datetime({ offset: true });
const LARGEST_POSITION = 2n ** 63n;

/** The same text for what one walk through a list answers, from its first page on. */
export const textOfSince = ({
  at,
  database,
  position,
}: Pick<ListPage<unknown, unknown>, "at" | "database" | "position">) =>
  `${at.toISOString()}~${database}~${position}`;

export function readSince(asked: string): AskedSince | undefined {
  const text = withPlus(asked);
  const [, at, database, position] = TOKEN.exec(text) ?? [];
  if (!Instant.safeParse(at ?? text).success) return undefined;
  if (position === undefined) return { at: instantIn(text) };
  if (BigInt(position) >= LARGEST_POSITION) return undefined;
  return { at: instantIn(at ?? text), database, position };
}

export const updatedSinceOf = () =>
  z
    .string("give it once")
    .transform((text, context): AskedSince => {
      const since = readSince(text);
      if (since) return since;
      context.addIssue({
        code: "custom",
        message: "must be a nextUpdatedSince of this list, or an instant like 2026-02-12T11:00:00Z",
      });
      return z.NEVER;
    })
    .optional()
    .openapi({
      type: "string",
      description:
        "Only rows that changed since, those that are deleted too, and in `removed` the ids of those that the list has no more. Send the `nextUpdatedSince` of the answer before with the same filters: it misses nothing. An instant is taken a minute early, by the service's clock.",
      example: sinceExample,
    });

export const nextUpdatedSince = z.string().nullable().openapi({
  description:
    "Send it as `updatedSince`, with the same filters, for what changes after this answer; on all pages of one list it is that of the first. Null with `as_of`, and for a key that sees some events only.",
  example: sinceExample,
});

/** An instant is taken so much early: a clock may be as far ahead and nothing is missed. */
const SPARE_MS = 60_000;

/** What has not come yet nobody knows: a clock that is wrong would miss what changed meanwhile. */
export function refuseFuture(since: AskedSince | undefined, clock: Clock) {
  if (since === undefined || since.position !== undefined) return;
  if (since.at.getTime() > clock.now().getTime() + SPARE_MS)
    throw unreadable("updatedSince", "must not be in the future");
}

/** A position of another database, as after a restored dump, would leave out what it cannot know of. */
export function refuseOtherDatabase(
  since: AskedSince | undefined,
  { database, position }: Pick<ListPage<unknown, unknown>, "database" | "position">,
) {
  if (since?.position === undefined) return;
  if (since.database === database && BigInt(since.position) <= BigInt(position)) return;
  const reason =
    "is of another database than this one, as after a restore; leave it out and load everything once";
  throw unreadable("updatedSince", reason);
}
