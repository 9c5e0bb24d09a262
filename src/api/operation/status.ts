import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiEnv, problems } from "../request/problem.ts";
import { queryOf } from "../request/query.ts";
import { statusExample } from "./status-example.ts";
import { LastPoll, Summary, Webhooks } from "./status-parts.ts";

const Instant = z.iso.datetime();
const Count = z.int().nonnegative();

const WaitingRoom = z.object({
  waiting: Count.openapi({ description: "Those that are still to be worked on." }),
  oldestWaitingAt: Instant.nullable().openapi({
    description: "Since when the oldest of them waits; null where none does.",
  }),
  failing: Count.openapi({
    description: "Of those that wait: they failed, and are tried again.",
  }),
  refused: Count.openapi({
    description: "Will not be taken however often it is tried; a person has to look.",
  }),
});

export const Status = z
  .object({
    status: z
      .enum(["ok", "degraded"])
      .openapi({ description: "`degraded` while there is any problem." }),
    version: z.string().openapi({ description: "The service's." }),
    versions: z
      .object({
        service: z.string().openapi({ description: "The same as `version`." }),
        schema: z.string().nullable().openapi({
          description: "The newest migration that the database has.",
        }),
        schemaOfService: z.string().nullable().openapi({
          description:
            "The newest that this program knows: another one while a rollout is under way.",
        }),
        zones: z.string().openapi({ description: "The release of IANA's time zone database." }),
        runtime: z.string().openapi({ description: "Bun's." }),
      })
      .openapi({ description: "What is at work here." }),
    now: Instant.openapi({ description: "The service's clock, UTC." }),
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
          kind: z
            .enum(["problem", "note"])
            .openapi({ description: "A `note` leaves the status as it is." }),
          account: z.string().nullable().openapi({
            description: "Whose it is; null where it is of no account alone.",
          }),
          text: z.string().openapi({ description: "What it means and what to do." }),
        }),
      )
      .openapi({
        description: "`problems` and then `notes`, in their order, each with the account it is of.",
      }),
    summary: Summary.nullable().openapi({ description: "Null to a key that is kept to some." }),
    webhooks: Webhooks.extend({
      ofNobody: Webhooks.openapi({ description: "Of which no account is known." }),
    })
      .nullable()
      .openapi({
        description:
          "What came of webhook requests at all replicas, in stretches of five minutes; `ofNobody` are those among them of which no account is known. Null to a key that is kept to some.",
      }),
    accounts: z
      .array(
        z.object({
          region: z.string().openapi({ description: "The account's name." }),
          lastPollAt: Instant.nullable().openapi({
            description: "When the last full poll ended; null before the first.",
          }),
          lastPollComplete: z.boolean().nullable().openapi({
            description: "Whether it read everything; null before the first.",
          }),
          lastPoll: LastPoll.nullable().openapi({ description: "Null before the first." }),
          lastWebhookAt: Instant.nullable().openapi({
            description: "When one was kept last; null where none ever was.",
          }),
          webhooks: Webhooks.openapi({
            description: "What came of the account's, at all replicas.",
          }),
          failures: z
            .array(
              z.object({
                eventId: z
                  .string()
                  .nullable()
                  .openapi({ description: "Null where it is of the whole account." }),
                kind: z.string().openapi({
                  description:
                    "Whose fault it is: `refused` and `missing` by Vivenu, `malformed`, `unavailable`.",
                }),
                reason: z.string().openapi({ description: "What went wrong, in plain words." }),
              }),
            )
            .openapi({ description: "What the last poll could not read." }),
        }),
      )
      .openapi({ description: "The seller accounts that the caller may see." }),
    log: z
      .array(
        z.object({
          flowType: z.string().openapi({ description: "As Flowcore names it." }),
          checkpoint: Instant.nullable().openapi({
            description: "Up to when it is read for good; null before anything was.",
          }),
          newestSeen: Instant.nullable().openapi({
            description:
              "When the newest fact was recorded that was read; null where there is none.",
          }),
          readAt: Instant.nullable().openapi({ description: "When it was last read to its end." }),
          lagSeconds: z.number().nonnegative().nullable().openapi({
            description: "Seconds since `readAt`.",
          }),
          heldSince: Instant.nullable().openapi({
            description:
              "Since when it is held on purpose, by who steers the Data Pathway in Flowcore's console; null while it is read. Rows, sheet and numbers of it stand meanwhile; webhooks are taken, and facts recorded.",
          }),
        }),
      )
      .openapi({ description: "How far each flow type of the log has been read." }),
    inbox: WaitingRoom.openapi({ description: "Webhooks that were kept." }),
    outbox: WaitingRoom.openapi({ description: "Facts on their way to the log." }),
    setAside: Count.openapi({ description: "Facts of the log that could not be applied." }),
    toRemake: Count.openapi({
      description:
        "Events whose rows are yet to be made under the present settings (`TICKET_TYPE_CLASSES`, `NEARLY_SOLD_OUT` and the like): it happens in the background, and until then they are shown as they were.",
    }),
    typesInDoubt: z
      .array(
        z.object({
          region: z.string().openapi({ description: "The account that sells it." }),
          eventId: z.string().openapi({ description: "Vivenu's id." }),
          eventName: z.string().openapi({ description: "As Vivenu has it." }),
          ticketTypeId: z.string().openapi({ description: "Vivenu's id." }),
          ticketName: z.string().openapi({ description: "As Vivenu has it." }),
          class: z.string().openapi({ description: "What it passes for meanwhile." }),
          reason: z.string().openapi({ description: "Why nobody knows." }),
        }),
      )
      .openapi({
        description:
          "Ticket types of which neither structure nor name says what they are, or one says other than the other. They are in no total until `TICKET_TYPE_CLASSES` says what they are.",
      }),
    zones: z
      .object({
        version: z.string().openapi({ description: "The release of IANA's time zone database." }),
        package: z.string().openapi({ description: "What it comes with, and its version." }),
        runtimeDiffers: z.array(z.string()).openapi({
          description:
            "Timezones of events to come in which the runtime's own clocks, which nothing here uses, show something else: so do those of browsers that are as old.",
        }),
        unknown: z
          .array(
            z.object({
              timezone: z
                .string()
                .nullable()
                .openapi({ description: "As Vivenu says it; null where it says none." }),
              events: Count.openapi({ description: "How many have it." }),
              eventIds: z.array(z.string()).openapi({ description: "The first ten." }),
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
        lastSyncAt: Instant.nullable().openapi({
          description: "When it was last looked through to its end; null before the first time.",
        }),
        lastWriteAt: Instant.nullable().openapi({ description: "When a cell was written last." }),
        cellsWritten: Count.openapi({ description: "Since the process with the loops began." }),
        lastFailure: z
          .object({
            at: Instant.openapi({ description: "When it failed." }),
            reason: z.string().openapi({ description: "Why, in plain words." }),
          })
          .nullable()
          .openapi({ description: "Null where none did." }),
      })
      .nullable()
      .openapi({ description: "Null where no sheet is configured." }),
  })
  .openapi("Status");

export type Status = z.infer<typeof Status>;

const Alive = z
  .object({
    status: z.literal("ok").openapi({ description: "It answers, so it runs." }),
    version: z.string().openapi({ description: "The service's." }),
  })
  .openapi("Health", { example: { status: "ok", version: "0.1.0" } });

const Ready = z
  .object({
    status: z.literal("ready").openapi({ description: "Else the answer is 503." }),
    version: z.string().openapi({ description: "The service's." }),
  })
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
  /** Throws what keeps requests from being sent here. */
  checkReady: () => Promise<void>;
}

/** What a cluster asks to decide whether to restart the process, and whether to send it requests. */
export function addProbes(app: OpenAPIHono<ApiEnv>, { version, checkReady }: ProbeOptions) {
  app.openapi(healthRoute, (c) => c.json({ status: "ok" as const, version }, 200));
  app.openapi(readyRoute, async (c) => {
    await checkReady();
    return c.json({ status: "ready" as const, version }, 200);
  });
}

export const addStatus = (app: OpenAPIHono<ApiEnv>, readStatus: () => Promise<Status>) =>
  app.openapi(statusRoute, async (c) => c.json(await readStatus(), 200));
