import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type {
  ChangePlace,
  ChangeRow,
  ChangesWanted,
  Page,
} from "../../projections/queries/row-types.ts";
import { ticketClasses } from "../../rules/classify.ts";
import { severities } from "../../rules/severity.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "../files/table.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import { boundTo, cursorOf, Digest, encodeCursor, nextCursor } from "../request/cursor.ts";
import { flagOf, namedIdsOf, namesOf, regionsOf, searchOf } from "../request/list-query.ts";
import { type ReadNamed, refuseUnknown } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { instantOf, limitOf, queryOf } from "../request/query.ts";
import {
  Change,
  changeExample,
  changeInColumns,
  changePlace,
  changeTypes,
  fieldNames,
  shownChange,
} from "./change-schema.ts";

const MOST = 1_000;

/** With a digest of what was asked: a place says nothing of another view. */
const ChangeKey = z.tuple([z.literal("change"), Digest, ...changePlace]);

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
        region: regionsOf(regions, "Only of events of these accounts."),
        eventId: namedIdsOf("Only of these events.", changeExample.eventId),
        ticketTypeId: namedIdsOf(
          "Only of these ticket types.",
          changeExample.ticketTypeId ?? "68f0000000000000000000a1",
        ),
        field: namesOf(fieldNames, "What changed."),
        severity: namesOf(severities, "How grave it is."),
        changeType: namesOf(changeTypes, "Whose description changed, or what became of places."),
        class: namesOf(ticketClasses, "Only of ticket types that are of these classes now."),
        q: searchOf(
          "Words that the event's name or place or the ticket type's name has in it now; without regard to case, accents and punctuation. All of them have to be there.",
        ),
        firstCounts: flagOf(
          "`false` leaves out what a first count found: it was so before anybody looked. `true` leaves nothing out, as is the case without it.",
        ),
        since: instantOf("Only changes of this moment or later."),
        until: instantOf("Only changes before this moment."),
        ...asOf,
        ...tableForms,
      })
        .superRefine(refuseTwoCommas)
        .refine(({ since, until }) => !since || !until || since < until, {
          path: ["until"],
          error: "must be later than since",
        }),
    },
    responses: {
      200: {
        description:
          "One page. What is nearly sold out, sold out, paused and reopened is told once each, for events and (but for pauses) the ticket types in their totals: `available`, `availableToBuy` or `percentSold` before and after, null before where it was never counted before. It is worked out from all counts, so one that was read late may add a change to the past.",
        content: {
          "application/json": {
            schema: z
              .object({
                changes: z.array(Change).openapi({ description: "Newest first." }),
                nextCursor,
              })
              .openapi("ChangePage"),
            example: { changes: [changeExample], nextCursor: null },
          },
        },
      },
      ...problems,
    },
  });

export interface ChangesOptions {
  clock: Clock;
  logger: Logger;
  regions: readonly string[];
  /** Newest first. */
  readChanges: (wanted: ChangesWanted) => Promise<Page<ChangeRow, ChangePlace>>;
  named: ReadNamed;
}

export function addChanges(
  app: OpenAPIHono<ApiEnv>,
  { clock, logger, regions, readChanges, named }: ChangesOptions,
) {
  app.openapi(route(regions), async (c) => {
    const asked = c.req.valid("query");
    const { cursor, limit, eventId, ticketTypeId } = asked;
    const past = pastOf(asked, clock);
    const of = {
      eventIds: eventId,
      regions: asked.region,
      ticketTypeIds: ticketTypeId,
      fields: asked.field,
      severities: asked.severity,
      changeTypes: asked.changeType,
      classes: asked.class,
      words: asked.q,
      isWithoutFirstCounts: asked.firstCounts === false ? true : undefined,
      since: asked.since,
      until: asked.until,
      ...past,
    };
    const digest = boundTo(asked, cursor);
    await refuseUnknown(named, { eventId, ticketTypeId }, past);
    const after = cursor && ([cursor[2], cursor[3], cursor[4], cursor[5]] as const);
    const read = async (behind: Pick<ChangesWanted, "limit" | "after">) => {
      const { rows, next } = await readChanges({ ...of, ...behind });
      return { rows: rows.map(shownChange), next };
    };
    const file = await tableAnswer(c, asked, {
      logger,
      name: "changes",
      example: changeInColumns,
      read: (place?: ChangePlace) => read({ limit: MOST, after: place ?? after }),
    });
    if (file) return file;
    const { rows, next } = await read({ limit, after });
    const nextCursor = next && encodeCursor(["change", digest, ...next]);
    return c.json({ changes: rows, nextCursor }, 200);
  });
}
