import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ChangeRow, ChangeType } from "../projections/queries/row-types.ts";
import type { Severity } from "../rules/changes.ts";
import { cursorOf, nextCursor, type Order, pageOf } from "./page.ts";
import { type ApiEnv, problems } from "./problem.ts";
import { instantOf, limitOf, nameOf, queryOf, regionOf } from "./query.ts";
import { type ReadRows, refuseUnknown } from "./rows.ts";

/** Written as objects so that the compiler misses none. */
const severities = Object.keys({
  critical: true,
  high: true,
  medium: true,
} satisfies Record<Severity, true>);
const changeTypes = Object.keys({
  event: true,
  ticketType: true,
  underShop: true,
  nearlySoldOut: true,
  soldOut: true,
  paused: true,
  reopened: true,
} satisfies Record<ChangeType, true>);

const ChangedValue = z.union([z.string(), z.number(), z.boolean()]).nullable().openapi({
  description: "What `field` names: a text, a number, a yes or no, or an instant in UTC.",
});

const Change = z
  .object({
    eventId: z.string(),
    eventName: z.string(),
    region: z.string(),
    timezone: z.string().nullable(),
    changeType: z.string().openapi({
      enum: changeTypes,
      description:
        "Whose description changed (`event`, `ticketType`, `underShop`), or what became of the places of an event or ticket type.",
    }),
    field: z.string().openapi({
      description:
        "What the two values are. Of a ticket type or an undershop it names which: `price of HYROX MEN`.",
    }),
    previousValue: ChangedValue,
    newValue: ChangedValue,
    changedAt: z.iso.datetime(),
    source: z.string().openapi({ enum: ["webhook", "poll", "backfill"] }),
    severity: z.string().openapi({
      enum: severities,
      description:
        "A launch moved later, a name that says that something is cancelled or postponed, and a ticket type that enters or leaves the totals or moves between categories, are critical; a launch moved earlier, a name that says so no longer, and a whole event sold out, paused or reopened, are high; all else is medium.",
    }),
  })
  .openapi("Change");

const example: z.infer<typeof Change> = {
  eventId: "68f000000000000000000001",
  eventName: "HYROX Frankfurt",
  region: "DACH",
  timezone: "Europe/Berlin",
  changeType: "soldOut",
  field: "available of HYROX MEN | Saturday",
  previousValue: 12,
  newValue: 0,
  changedAt: "2026-02-03T11:04:00.000Z",
  source: "poll",
  severity: "medium",
};

const Text = z.string();
const ChangeKey = z.tuple([z.literal("change"), z.number(), Text, Text, Text, Text]);

/** Newest first, and the values with the rest: two changes of one field may bear one moment. */
const newestFirst: Order<ChangeRow, z.infer<typeof ChangeKey>> = {
  key: ChangeKey,
  keyOf: ({ changedAt, eventId, changeType, field, previousValue, newValue }) => [
    "change",
    -Date.parse(changedAt),
    eventId,
    changeType,
    field,
    JSON.stringify([previousValue.value, newValue.value]),
  ],
};

const route = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/changes",
    operationId: "listChanges",
    tags: ["Changes"],
    summary:
      "What changed, newest first: dates, prices, amounts, and what sold out, paused or reopened",
    request: {
      query: queryOf({
        limit: limitOf(100, 1000),
        cursor: cursorOf(ChangeKey),
        region: regionOf(regions),
        eventId: z.string("give it once").min(1, "must not be empty").optional(),
        since: instantOf("Only changes of this moment or later."),
        severity: nameOf(severities),
        changeType: nameOf(changeTypes),
      }),
    },
    responses: {
      200: {
        description:
          "One page. What is nearly sold out, sold out, paused and reopened is told once each, for events and (but for pauses) the ticket types in their totals: `available`, `availableToBuy` or `percentSold` before and after, null before where it was never counted before. It is worked out from all counts, so one that was read late may add a change to the past.",
        content: {
          "application/json": {
            schema: z.object({ changes: z.array(Change), nextCursor }).openapi("ChangePage"),
            example: { changes: [example], nextCursor: null },
          },
        },
      },
      ...problems,
    },
  });

export interface ChangesOptions {
  regions: readonly string[];
  /** All changes, or those of one event. */
  readChanges: (of: { eventId?: string }) => Promise<ChangeRow[]>;
  readRows: ReadRows;
}

export function addChanges(
  app: OpenAPIHono<ApiEnv>,
  { regions, readChanges, readRows }: ChangesOptions,
) {
  app.openapi(route(regions), async (c) => {
    const { limit, cursor, region, eventId, since, severity, changeType } = c.req.valid("query");
    const changes = await readChanges(eventId === undefined ? {} : { eventId });
    if (eventId !== undefined && changes.length === 0)
      refuseUnknown(eventId, (await readRows({ eventId })).events);
    const wanted = changes.filter(
      (change) =>
        (region === undefined || change.region === region) &&
        (eventId === undefined || change.eventId === eventId) &&
        (since === undefined || Date.parse(change.changedAt) >= since.getTime()) &&
        (severity === undefined || change.severity === severity) &&
        (changeType === undefined || change.changeType === changeType),
    );
    const page = pageOf(wanted, newestFirst, { limit, cursor });
    const shown = page.rows.map((row) => ({
      ...row,
      previousValue: row.previousValue.value,
      newValue: row.newValue.value,
    }));
    return c.json({ changes: shown, nextCursor: page.nextCursor }, 200);
  });
}
