import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { Failure } from "../../lib/failure.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { queryOf } from "../request/query.ts";
import { statusExample } from "./status-example.ts";
import { LastPoll, Summary, Webhooks } from "./status-parts.ts";

const Instant = z.iso.datetime();
const Count = z.int().nonnegative();

const WaitingRoom = z.object({
  waiting: Count,
  oldestWaitingAt: Instant.nullable(),
  /** Of those that wait: they failed, and are tried again. */
  failing: Count,
  /** Will not be taken however often it is tried; a person has to look. */
  refused: Count,
});

export const Status = z
  .object({
    status: z.enum(["ok", "degraded"]),
    version: z.string(),
    versions: z.object({
      service: z.string(),
      schema: z.string().nullable().openapi({
        description: "The newest migration that the database has.",
      }),
      schemaOfService: z.string().nullable().openapi({
        description:
          "The newest that this program knows: another one while a rollout is under way.",
      }),
      zones: z.string().openapi({ description: "The release of IANA's time zone database." }),
      runtime: z.string(),
    }),
    now: Instant,
    problems: z.array(z.string()).openapi({
      description:
        "In plain words; empty when all is well. To a key that is kept to some: those of its accounts alone, while `status` is the service's.",
    }),
    notes: z.array(z.string()).openapi({
      description:
        "What is worth knowing and leaves the status as it is, in plain words. To a key that is kept to some: those of its accounts alone.",
    }),
    sentences: z
      .array(
        z.object({
          kind: z.enum(["problem", "note"]),
          account: z.string().nullable().openapi({
            description: "Whose it is; null where it is of no account alone.",
          }),
          text: z.string(),
        }),
      )
      .openapi({
        description: "`problems` and then `notes`, in their order, each with the account it is of.",
      }),
    summary: Summary.nullable().openapi({ description: "Null to a key that is kept to some." }),
    webhooks: Webhooks.extend({ ofNobody: Webhooks }).nullable().openapi({
      description:
        "What came of webhook requests at all replicas, in stretches of five minutes; `ofNobody` are those among them of which no account is known. Null to a key that is kept to some.",
    }),
    accounts: z.array(
      z.object({
        region: z.string(),
        lastPollAt: Instant.nullable(),
        lastPollComplete: z.boolean().nullable(),
        lastPoll: LastPoll.nullable().openapi({ description: "Null before the first." }),
        lastWebhookAt: Instant.nullable(),
        webhooks: Webhooks,
        failures: z.array(
          z.object({ eventId: z.string().nullable(), kind: z.string(), reason: z.string() }),
        ),
      }),
    ),
    log: z.array(
      z.object({
        flowType: z.string(),
        checkpoint: Instant.nullable(),
        newestSeen: Instant.nullable(),
        readAt: Instant.nullable(),
        lagSeconds: z.number().nonnegative().nullable(),
        heldSince: Instant.nullable().openapi({
          description:
            "Since when it is held on purpose, by who steers the Data Pathway in Flowcore's console; null while it is read. Rows, sheet and numbers of it stand meanwhile; webhooks are taken, and facts recorded.",
        }),
      }),
    ),
    inbox: WaitingRoom,
    outbox: WaitingRoom,
    setAside: Count,
    toRemake: Count.openapi({
      description:
        "Events whose rows are yet to be made under the present settings (`TICKET_TYPE_CLASSES`, `NEARLY_SOLD_OUT` and the like): it happens in the background, and until then they are shown as they were.",
    }),
    typesInDoubt: z
      .array(
        z.object({
          region: z.string(),
          eventId: z.string(),
          eventName: z.string(),
          ticketTypeId: z.string(),
          ticketName: z.string(),
          class: z.string().openapi({ description: "What it passes for meanwhile." }),
          reason: z.string(),
        }),
      )
      .openapi({
        description:
          "Ticket types of which neither structure nor name says what they are, or one says other than the other. They are in no total until `TICKET_TYPE_CLASSES` says what they are.",
      }),
    zones: z
      .object({
        version: z.string().openapi({ description: "The release of IANA's time zone database." }),
        package: z.string(),
        runtimeDiffers: z.array(z.string()).openapi({
          description:
            "Timezones of events to come in which the runtime's own clocks, which nothing here uses, show something else: so do those of browsers that are as old.",
        }),
        unknown: z
          .array(
            z.object({
              timezone: z.string().nullable(),
              events: Count,
              eventIds: z.array(z.string()),
            }),
          )
          .openapi({
            description:
              "Events to come whose timezone Vivenu does not say, or says by a name that is none: their local times are UTC's. The first ten ids of each.",
          }),
      })
      .openapi({ description: "What local times are worked out with." }),
    sheet: z
      .object({
        lastSyncAt: Instant.nullable(),
        lastWriteAt: Instant.nullable(),
        cellsWritten: Count,
        lastFailure: z.object({ at: Instant, reason: z.string() }).nullable(),
      })
      .nullable()
      .openapi({ description: "Null where no sheet is configured." }),
  })
  .openapi("Status");

export type Status = z.infer<typeof Status>;

const Alive = z
  .object({ status: z.literal("ok"), version: z.string() })
  .openapi("Health", { example: { status: "ok", version: "0.1.0" } });

const Ready = z
  .object({ status: z.literal("ready"), version: z.string() })
  .openapi("Ready", { example: { status: "ready", version: "0.1.0" } });

const healthRoute = createRoute({
  method: "get",
  path: "/health",
  operationId: "readHealth",
  tags: ["Operation"],
  summary: "Whether the process runs",
  description: "It asks nobody else: a process that answers is not to be started anew.",
  security: [],
  responses: {
    200: { description: "It runs.", content: { "application/json": { schema: Alive } } },
  },
});

const readyRoute = createRoute({
  method: "get",
  path: "/ready",
  operationId: "readReadiness",
  tags: ["Operation"],
  summary: "Whether PostgreSQL answers, is migrated and takes writes",
  description: "While it is not, nothing is to be sent here.",
  security: [],
  responses: {
    200: { description: "It is ready.", content: { "application/json": { schema: Ready } } },
    503: problems[503],
  },
});

const statusRoute = createRoute({
  method: "get",
  path: "/status",
  operationId: "readStatus",
  tags: ["Operation"],
  summary: "Accounts, last polls and webhooks, lag, outbox, set-aside facts, sheet",
  description:
    "What is wrong stands in `problems`, each in a sentence that says what it means and what to do.",
  request: { query: queryOf({}) },
  responses: {
    200: {
      description: "How everything is doing; also 200 when it is `degraded`.",
      content: { "application/json": { schema: Status, example: statusExample } },
    },
    400: problems[400],
    401: problems[401],
    500: problems[500],
    503: problems[503],
  },
});

export interface ProbeOptions {
  version: string;
  isReady: () => Promise<boolean>;
}

/** What a cluster asks to decide whether to restart the process, and whether to send it requests. */
export function addProbes(app: OpenAPIHono<ApiEnv>, { version, isReady }: ProbeOptions) {
  app.openapi(healthRoute, (c) => c.json({ status: "ok" as const, version }, 200));
  app.openapi(readyRoute, async (c) => {
    if (!(await isReady()))
      throw new Failure("unavailable", "The database does not answer or is not migrated yet.");
    return c.json({ status: "ready" as const, version }, 200);
  });
}

export const addStatus = (app: OpenAPIHono<ApiEnv>, readStatus: () => Promise<Status>) =>
  app.openapi(statusRoute, async (c) => c.json(await readStatus(), 200));
