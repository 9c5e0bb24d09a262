import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Logger } from "../lib/logger.ts";
import type {
  ChangePlace,
  ChangeRow,
  ChangesWanted,
  ChangeType,
  Page,
} from "../projections/queries/row-types.ts";
import type { Severity } from "../rules/description-changes.ts";
import { cursorOf, encodeCursor, IdKey, InstantKey, nextCursor, SequenceKey } from "./cursor.ts";
import { type ApiEnv, problems } from "./problem.ts";
import { instantOf, limitOf, nameOf, queryOf, regionOf } from "./query.ts";
import { type ReadRows, refuseUnknown } from "./row-reads.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "./table.ts";

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

export const Change = z
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

export const changeExample: z.infer<typeof Change> = {
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

const MOST = 1_000;

const ChangeKey = z.tuple([z.literal("change"), InstantKey, IdKey, SequenceKey]);

const route = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/changes",
    operationId: "listChanges",
    tags: ["Changes"],
    summary:
      "What changed, newest first: dates, prices, amounts, and what sold out, paused or reopened",
    description:
      "Worked out from all descriptions and counts that were ever recorded, so that one which comes late may add a change to the past.",
    request: {
      query: queryOf({
        limit: limitOf(100, MOST),
        cursor: cursorOf(ChangeKey),
        region: regionOf(regions),
        eventId: z.string("give it once").min(1, "must not be empty").optional(),
        since: instantOf("Only changes of this moment or later."),
        until: instantOf("Only changes before this moment."),
        severity: nameOf(severities),
        changeType: nameOf(changeTypes),
        ...tableForms,
      }).superRefine(refuseTwoCommas),
    },
    responses: {
      200: {
        description:
          "One page. What is nearly sold out, sold out, paused and reopened is told once each, for events and (but for pauses) the ticket types in their totals: `available`, `availableToBuy` or `percentSold` before and after, null before where it was never counted before. It is worked out from all counts, so one that was read late may add a change to the past.",
        content: {
          "application/json": {
            schema: z.object({ changes: z.array(Change), nextCursor }).openapi("ChangePage"),
            example: { changes: [changeExample], nextCursor: null },
          },
        },
      },
      ...problems,
    },
  });

export const shownChange = (row: ChangeRow): z.infer<typeof Change> => ({
  ...row,
  previousValue: row.previousValue.value,
  newValue: row.newValue.value,
});

export interface ChangesOptions {
  logger: Logger;
  regions: readonly string[];
  /** Newest first. */
  readChanges: (wanted: ChangesWanted) => Promise<Page<ChangeRow, ChangePlace>>;
  readRows: ReadRows;
}

export function addChanges(
  app: OpenAPIHono<ApiEnv>,
  { logger, regions, readChanges, readRows }: ChangesOptions,
) {
  app.openapi(route(regions), async (c) => {
    const asked = c.req.valid("query");
    const { cursor, limit, region, eventId, since, until, severity, changeType } = asked;
    const after = cursor && ([cursor[1], cursor[2], cursor[3]] as const);
    const of = { region, eventId, since, until, severity, changeType };
    const read = async (behind: Pick<ChangesWanted, "limit" | "after">) => {
      const { rows, next } = await readChanges({ ...of, ...behind });
      if (eventId !== undefined && rows.length === 0) await refuseUnlessThere(eventId);
      return { rows: rows.map(shownChange), next };
    };
    const file = await tableAnswer(c, asked, {
      ...{ logger, name: "changes", example: changeExample },
      read: (place?: ChangePlace) => read({ limit: MOST, after: place ?? after }),
    });
    if (file) return file;
    const { rows, next } = await read({ limit, after });
    return c.json({ changes: rows, nextCursor: next && encodeCursor(["change", ...next]) }, 200);
  });

  /** One that never changed is there all the same. */
  async function refuseUnlessThere(eventId: string) {
    const { rows } = await readChanges({ eventId, limit: 1 });
    if (rows.length === 0) refuseUnknown(eventId, (await readRows({ eventId })).events);
  }
}
