import { STATUS_CODES } from "node:http";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { RequestIdVariables } from "hono/request-id";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type FailureKind, isFailure } from "../lib/failure.ts";
import { type Logger, redactText } from "../lib/logger.ts";

export interface ApiEnv {
  Variables: RequestIdVariables;
}

const MEDIA_TYPE = "application/problem+json";

/** Seconds after which a caller may ask again; PostgreSQL restarts and fails over in about as long. */
const RETRY_AFTER = { "retry-after": "5" };

const statusOf = {
  missing: 404,
  malformed: 422,
  refused: 502,
  unavailable: 503,
} as const satisfies Record<FailureKind, ContentfulStatusCode>;

export const Problem = z
  .object({
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** Finds the request's line in the log. */
    requestId: z.string(),
  })
  .openapi("Problem", {
    description: "RFC 9457. `type` is left out, which means `about:blank`.",
    example: {
      title: "Bad Request",
      status: 400,
      detail: "Query parameter limit: must be a whole number from 1 to 200.",
      requestId: "0c6dd8f2-6f8f-4f0b-9a35-0d6f0b7c4f2e",
    },
  });

/** What a route that needs the key may answer besides its answer, for the OpenAPI document. */
export const problems = {
  400: response("The query cannot be read; `detail` says what is wrong and what to do."),
  401: response("The key is missing or wrong."),
  404: response("What was asked for is not there."),
  500: response("A defect of this service; `requestId` finds it in the log."),
  503: response("The database does not answer; ask again after `Retry-After` seconds."),
};

function response(description: string) {
  return { description, content: { [MEDIA_TYPE]: { schema: Problem } } };
}

export function problem(
  c: Context<ApiEnv>,
  status: ContentfulStatusCode,
  detail: string,
  headers: Record<string, string> = {},
) {
  const title = STATUS_CODES[status] ?? "Error";
  const body = { title, status, detail, requestId: c.get("requestId") } satisfies z.infer<
    typeof Problem
  >;
  return c.body(JSON.stringify(body), status, { "content-type": MEDIA_TYPE, ...headers });
}

/** The one place where an error becomes an answer. */
export const answerError = (logger: Logger) => (error: Error, c: Context<ApiEnv>) => {
  const requestId = c.get("requestId");
  if (error instanceof HTTPException) return problem(c, error.status, error.message);
  if (isFailure(error)) {
    const status = statusOf[error.kind];
    if (status >= 500) logger.warn({ error, requestId }, "request.failed");
    return problem(c, status, redactText(error.message), status === 503 ? RETRY_AFTER : {});
  }
  if (isDatabaseGone(error)) {
    logger.warn({ error, requestId }, "request.failed");
    return problem(c, 503, "The database does not answer. Ask again in a moment.", RETRY_AFTER);
  }
  logger.error({ error, requestId }, "request.failed");
  return problem(c, 500, "Something is wrong on our side. The log has more under this requestId.");
};

/** As postgres.js and the operating system call a server that is not there, and PostgreSQL one that is about to go. */
const goneCodes =
  /^(CONNECTION_\w+|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|57P0\d|57014|08\w{3}|53\w{3})$/;

const isDatabaseGone = (error: Error) =>
  "code" in error && typeof error.code === "string" && goneCodes.test(error.code);
