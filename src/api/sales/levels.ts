import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import {
  type LevelPlace,
  type LevelRow,
  type LevelsPage,
  type LevelsWanted,
  levelSteps,
} from "../../projections/queries/row-types.ts";
import type { ReadOfEvent } from "../events/row-reads.ts";
import { refuseTwoCommas, tableAnswer, tableForms } from "../files/table.ts";
import { asOf, pastOf } from "../request/as-of.ts";
import {
  boundTo,
  cursorOf,
  Digest,
  encodeCursor,
  IdKey,
  InstantKey,
  nextCursor,
} from "../request/cursor.ts";
import { noSuchEvent } from "../request/named.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import {
  choiceOf,
  dateOf,
  eventIdInPath,
  limitOf,
  queryOf,
  refuseReversedDays,
} from "../request/query.ts";

const subjects = ["event", "ticketType"] as const;
const MOST = 10_000;
const Tickets = z.int().nullable();
const NULL_BEFORE = "Null where `basis` is `creation`.";

const LevelSchema = z
  .object({
    at: z.iso.datetime().openapi({
      description:
        "From when on it was so, UTC: when a count began or a description was of; of `creation` an hour's end. By hour or day: when the last count or description in it said anything otherwise of any of the event's ticket types, the same for all rows of the hour or day. It stands until the next row.",
    }),
    basis: z.enum(["count", "creation"]).openapi({
      description:
        "`count`: counted then, what was refunded until then taken out. `creation`: before the first count, by when the tickets that are sold now were created; what was refunded since is in none of these.",
    }),
    ticketTypeId: z.string().nullable().openapi({
      description: "Null where the row is of all ticket types in the event's totals.",
    }),
    ticketName: z.string().nullable().openapi({
      description: "Its name as it was then; null where the row is of the event.",
    }),
    sold: Tickets.openapi({ description: "Tickets." }),
    reserved: Tickets.openapi({ description: `Tickets, reserved and unpaid. ${NULL_BEFORE}` }),
    capacity: Tickets.openapi({ description: `Places. ${NULL_BEFORE}` }),
    available: Tickets.openapi({
      description: `Places that were left, also of what was switched off. ${NULL_BEFORE}`,
    }),
    percentSold: z
      .number()
      .nullable()
      .openapi({
        description: `0 to 100 with two decimals; above 100 where more was sold than there was. ${NULL_BEFORE}`,
      }),
  })
  .openapi("Level") satisfies z.ZodType<LevelRow>;

const example: LevelRow = {
  at: "2026-02-12T11:00:04.000Z",
  basis: "count",
  ticketTypeId: null,
  ticketName: null,
  sold: 5431,
  reserved: 12,
  capacity: 9300,
  available: 3869,
  percentSold: 58.4,
};

/** With a digest of what was asked: the same place is another one in another view. */
const LevelKey = z.tuple([z.literal("level"), Digest, InstantKey, IdKey]);

const route = createRoute({
  method: "get",
  path: "/api/events/{eventId}/levels",
  operationId: "readLevelsOfEvent",
  tags: ["Sales"],
  summary: "What was sold and left of one event at each count, oldest first",
  description:
    "What people saw at the time: sold, reserved and left, with refunds taken out when they came. Before the first count it is known from the creation of the tickets that are sold now.",
  request: {
    params: eventIdInPath,
    query: queryOf({
      by: choiceOf(
        levelSteps,
        "count",
        "Every count that said something otherwise, or the last of each hour (UTC) or day (the event's own).",
      ),
      per: choiceOf(
        subjects,
        "event",
        "All ticket types in the event's totals together, or every ticket type by itself.",
      ),
      from: dateOf(
        "The first day, by the event's calendar: the first row says how it stood when the day began.",
        "2026-02-01",
      ),
      to: dateOf("The last day.", "2026-02-28"),
      ...asOf,
      limit: limitOf(1_000, MOST),
      cursor: cursorOf(LevelKey),
      ...tableForms,
    })
      .superRefine(refuseTwoCommas)
      .superRefine(refuseReversedDays),
  },
  responses: {
    200: {
      description:
        "One page: a row where a count, or a description of its places, said something otherwise. Sold may go down: refunds are in it, other than in `/sales`. A count that comes late may add a row to the past.",
      content: {
        "application/json": {
          schema: z
            .object({
              eventId: z.string().openapi({ description: "Vivenu's id." }),
              timezone: z.string().nullable().openapi({
                description: "IANA name of the zone that days are of; null is UTC.",
              }),
              countedFrom: z.iso.datetime().nullable().openapi({
                description:
                  "When the first count of all its tickets began: rows before it are of `creation`. Null, with no rows, while there was none, and for an event that holds others.",
              }),
              levels: z.array(LevelSchema).openapi({ description: "Oldest first." }),
              nextCursor,
            })
            .openapi("LevelPage"),
          example: {
            eventId: "68f000000000000000000001",
            timezone: "Europe/Berlin",
            countedFrom: "2026-02-03T02:00:11.000Z",
            levels: [example],
            nextCursor: null,
          },
        },
      },
    },
    ...problems,
  },
});

export interface LevelsOptions {
  clock: Clock;
  logger: Logger;
  /** Undefined where there is no such event. */
  readLevels: ReadOfEvent<LevelsWanted, LevelsPage>;
}

export function addLevels(app: OpenAPIHono<ApiEnv>, { clock, logger, readLevels }: LevelsOptions) {
  app.openapi(route, async (c) => {
    const { eventId } = c.req.valid("param");
    const asked = c.req.valid("query");
    const { cursor, limit, by, per, from, to } = asked;
    const past = pastOf(asked, clock);
    const view = { by, per, from, to, ...past };
    const digest = boundTo({ ...asked, eventId }, cursor);
    const after = cursor && ([cursor[2], cursor[3]] as const);
    const read = async (behind: Pick<LevelsWanted, "limit" | "after">) => {
      const page = await readLevels(eventId, { ...view, ...behind });
      if (!page) throw noSuchEvent(eventId, past);
      return page;
    };
    const file = await tableAnswer(c, asked, {
      logger,
      name: "levels",
      example,
      read: (place?: LevelPlace) => read({ limit: MOST, after: place ?? after }),
    });
    if (file) return file;
    const { rows, next, timezone, countedFrom } = await read({ limit, after });
    const nextCursor = next && encodeCursor(["level", digest, ...next]);
    return c.json({ eventId, timezone, countedFrom, levels: rows, nextCursor }, 200);
  });
}
