import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { namedIdsOf, regionsOf } from "../request/list-query.ts";
import { type ReadNamed, refuseUnknown } from "../request/named.ts";
import { type ApiEnv, problem, problems, unreadable } from "../request/problem.ts";
import { queryOf } from "../request/query.ts";
import { changeExample } from "./change-schema.ts";
import { type StreamEnd, streamBody } from "./stream-body.ts";
import type { RowFeed } from "./stream-feed.ts";
import { followedBy, type Heard, heardOf } from "./stream-frames.ts";

export interface StreamOptions {
  feed: RowFeed;
  /** So many at one time. */
  most: number;
  /** Ends them all. */
  signal: AbortSignal;
  onOpen?: (open: number) => void;
}

const example = [
  "retry: 2000",
  ": ping",
  "id: 4711-9f31c2ab",
  "",
  "event: change",
  "id: 4712.1-0c5e77d1",
  `data: ${JSON.stringify(changeExample)}`,
  "",
  "event: rows",
  "id: 4712-0c5e77d1",
  `data: {"position":4712,"kinds":["sales","changes"],"eventIds":["${changeExample.eventId}"],"regions":["DACH"]}`,
  "",
  "event: reset",
  "id: 4713-77aa01fe",
  'data: {"position":4713,"reason":"rebuilt"}',
  "",
  "",
].join("\n");

const lastEventId = {
  description:
    "The `id` of the last event that was heard: all that came after it follows. A browser's `EventSource` sends it by itself.",
  example: "4712-0c5e77d1",
};

const route = (regions: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/stream",
    operationId: "followRows",
    tags: ["Changes"],
    summary: "What becomes otherwise, as it does: server-sent events",
    description: [
      "`rows`: some rows are otherwise; `position` grows with each, `eventIds` and `regions` say whose, `kinds` why: `description` (an event, its ticket types or undershops), `sales` (counted), `changes` (found, or undone by what came late), `poll` (an account was polled), `remade` (made anew in the background). Read these again.",
      "`change`: a change as `/api/changes` has it, each once; one that came late is of the past. It comes before its `rows`.",
      "`reset`: what was heard before says nothing any more, read everything again. `reason`: `unknown` (the `Last-Event-ID` is not known here), `behind` (more has happened since than is kept), `rebuilt` (a replay took the place of all rows).",
      "Every event has an `id`; with the last one as `Last-Event-ID` the stream goes on without loss, at whichever replica. The last 10,000 positions are kept. A comment comes every 15 s where nothing else does, with the `id` that has been reached. A stream ends when the service stops, and when its key goes or is kept to something else; one that takes nothing for 30 s is ended.",
    ].join("\n\n"),
    request: {
      query: queryOf({
        region: regionsOf(regions, "Only of these accounts."),
        eventId: namedIdsOf("Only of these events.", changeExample.eventId),
        lastEventId: z.string("give it once").optional().openapi({
          description:
            "The same as `Last-Event-ID`, for who cannot send it; the header comes first.",
          example: lastEventId.example,
        }),
      }),
      headers: z.object({ "last-event-id": z.string().optional().openapi(lastEventId) }),
    },
    responses: {
      200: {
        description: "Events until either side ends it.",
        content: { "text/event-stream": { schema: z.string(), example } },
      },
      ...problems,
    },
  });

interface Context {
  regions: readonly string[];
  named: ReadNamed;
  clock: Clock;
  logger: Logger;
}

export function addStream(
  app: OpenAPIHono<ApiEnv>,
  { regions, named, clock, logger }: Context,
  { feed, most, signal, onOpen = () => {} }: StreamOptions,
) {
  let open = 0;

  app.openapi(route(regions), async (c) => {
    const { region, eventId, lastEventId: asked } = c.req.valid("query");
    const caller = c.get("caller");
    if (region && caller.events)
      throw unreadable("region", "is not for a key that is kept to some events; send eventId");
    await refuseUnknown(named, { eventId });
    const headers = {
      "content-type": "text/event-stream; charset=utf-8",
      // What stands between is not to collect it.
      "x-accel-buffering": "no",
    };
    if (c.req.raw.method === "HEAD") return c.body(null, 200, headers);
    if (open >= most) {
      const detail = "Too many streams are open. Ask again in a moment.";
      return problem(c, 503, detail, { headers: { "retry-after": "5" } });
    }
    if (signal.aborted) throw new Failure("unavailable", "This process is stopping.");
    const requestId = c.get("requestId");
    const openedAt = clock.now().getTime();
    count(1);
    let isEnded = false;
    const end = (reason: StreamEnd) => {
      if (isEnded) return;
      isEnded = true;
      feed.leave();
      count(-1);
      const ms = clock.now().getTime() - openedAt;
      logger.info({ requestId, reason, ms }, "stream.ended");
    };
    const newest = await feed.join().catch((error) => {
      count(-1);
      throw error;
    });
    try {
      const body = streamBody({
        feed,
        clock,
        newest,
        signal,
        gone: c.req.raw.signal,
        followed: followedBy(caller, { eventId, region }),
        heard: await heardOfId(c.req.header("last-event-id") ?? asked),
        mayRead: c.get("mayStillRead") ?? (() => true),
        onEnd: end,
        onFailure: (error) => logger.warn({ requestId, error }, "stream.waiting"),
      });
      return c.body(body, 200, headers);
    } catch (error) {
      end("failed");
      throw error;
    }
  });

  function count(by: 1 | -1) {
    open += by;
    onOpen(open);
  }

  async function heardOfId(id: string | undefined): Promise<Heard | "unknown" | undefined> {
    if (id === undefined || id === "") return undefined;
    const heard = heardOf(id);
    return heard && (await feed.isKept(heard)) ? heard : "unknown";
  }
}
