import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { Failure } from "../../lib/failure.ts";
import {
  type ApiEnv,
  Problem,
  problem,
  problems,
  UnreadableParameters,
} from "../request/problem.ts";
import { queryOf } from "../request/query.ts";
import {
  type AdminAct,
  AdminAction,
  AskedFor,
  actionExample,
  Operations,
} from "./operations-shapes.ts";

export type { AdminAct, AdminAction, Operations } from "./operations-shapes.ts";

export interface AskedAct {
  act: AdminAct;
  subject: AdminAction["subject"];
  /** The key's name. */
  by: string;
  /** The caller's: asked for with it again, it is the same act. */
  idempotencyKey?: string | undefined;
}

export interface OperationsOptions {
  read(): Promise<Operations>;
  readAction(id: string): Promise<AdminAction | undefined>;
  /** Undefined where the idempotency key was used for another act. */
  ask(asked: AskedAct): Promise<AdminAction | undefined>;
}

const MOST_BYTES = 65_536;

const more = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: Problem } },
});
const forbidden = { 403: more("The key is not admin's, or a page of another site asks.") };

const listRoute = createRoute({
  method: "get",
  path: "/api/operations",
  operationId: "readOperations",
  tags: ["Operation"],
  summary: "What operators can act on, and what they did; for admin keys",
  description:
    "Accounts to poll, deliveries to give again and dead letters, beside the newest acts.",
  request: { query: queryOf({}) },
  responses: {
    200: {
      description: "Acts, dead letters and the newest webhooks; never what any of them says.",
      content: { "application/json": { schema: Operations } },
    },
    ...problems,
    ...forbidden,
  },
});

const actRoute = createRoute({
  method: "get",
  path: "/api/operations/acts/{actionId}",
  operationId: "readAct",
  tags: ["Operation"],
  summary: "One act, and what came of it; for admin keys",
  description: "Who did what, when, and how it ended, or that it has not.",
  request: {
    params: z.object({
      actionId: z
        .string()
        .openapi({ description: "The `id` that it was answered with.", example: actionExample.id }),
    }),
    query: queryOf({}),
  },
  responses: {
    200: {
      description: "As it stands now.",
      content: { "application/json": { schema: AdminAction, example: actionExample } },
    },
    ...problems,
    ...forbidden,
  },
});

const askRoute = createRoute({
  method: "post",
  path: "/api/operations/acts",
  operationId: "askForAct",
  tags: ["Operation"],
  summary: "Have something done: poll, deliver again, retry, release, drop, try a replay",
  description:
    "It is written down with the key's name and done by the process that runs the loops; `location` says where to read what came of it. With an `Idempotency-Key` the same question again is the same act.",
  request: {
    query: queryOf({}),
    headers: z.object({
      "idempotency-key": z
        .string()
        .min(1)
        .max(200)
        .optional()
        .openapi({ description: "Of the caller's choice; one for each act." }),
    }),
    body: { required: true, content: { "application/json": { schema: AskedFor } } },
  },
  responses: {
    202: {
      description: "It waits for its turn.",
      headers: z.object({
        location: z.string().openapi({
          description: "Where to read what came of it.",
          example: `/api/operations/acts/${actionExample.id}`,
        }),
      }),
      content: { "application/json": { schema: AdminAction, example: actionExample } },
    },
    ...problems,
    ...forbidden,
    413: more("The body is larger than 64 KB."),
    415: more("The body is not `application/json`."),
    422: more("The `Idempotency-Key` was used for another act."),
  },
});

/** Closed to everybody but admin keys; nobody is told more. */
const requireAdmin: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.get("caller").isAdmin) return next();
  return problem(c, 403, FOR_ADMINS);
};

export const FOR_ADMINS = "This needs a key whose scope is admin.";

export const isForAdmins = (path: string) => /^\/api\/operations(\/|$)/.test(path);

export function addOperations(app: OpenAPIHono<ApiEnv>, options: OperationsOptions) {
  app.use("/api/operations/*", requireAdmin);

  app.openapi(listRoute, async (c) => c.json(await options.read(), 200));

  app.openapi(actRoute, async (c) => {
    const action = await options.readAction(c.req.valid("param").actionId);
    if (!action) throw new Failure("missing", "There is no such act.");
    return c.json(action, 200);
  });

  app.openapi(
    { ...askRoute, middleware: [sameSite, json] as const },
    async (c) => {
      const { act, region, ids } = c.req.valid("json");
      const action = await options.ask({
        act,
        subject: { ...(region && { region: region.toUpperCase() }), ...(ids && { ids }) },
        by: c.get("caller").name,
        idempotencyKey: c.req.valid("header")["idempotency-key"],
      });
      if (!action) throw new Failure("malformed", "This Idempotency-Key was used for another act.");
      return c.json(action, 202, { location: `/api/operations/acts/${action.id}` });
    },
    refuse,
  );
}

/** A browser says whose page asks: another site's may read nothing, and must not be able to do anything. */
const sameSite: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method !== "POST") return next();
  const site = c.req.header("sec-fetch-site") ?? "none";
  const origin = c.req.header("origin");
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  if (isOwn && ["same-origin", "none"].includes(site)) return next();
  return problem(c, 403, "A page of another site may not ask for this.");
};

/** What a form of another site can send is not this. */
const json: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method !== "POST") return next();
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    return problem(c, 415, "Send the body as application/json.");
  const text = await c.req.text();
  if (text.length > MOST_BYTES) return problem(c, 413, "The body is larger than 64 KB.");
  try {
    JSON.parse(text);
  } catch {
    return problem(c, 400, "The body is no JSON.");
  }
  return next();
};

function refuse(checked: { success: true } | { success: false; error: z.ZodError }): undefined {
  if (checked.success) return;
  const faults = checked.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((name) => ({ name: name.slice(0, 100), reason: "is nothing here" }))
      : [{ name: issue.path.join(".") || "body", reason: issue.message }],
  );
  const details = faults.map(({ name, reason }) => `${name}: ${reason}.`);
  throw new UnreadableParameters(details.join(" "), faults);
}
