import { STATUS_CODES } from "node:http";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { RequestIdVariables } from "hono/request-id";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type FailureKind, isFailure } from "../../lib/failure.ts";
import { type Logger, redactText } from "../../lib/logger.ts";
import type { ApiKey, Caller } from "./callers.ts";

export interface ApiEnv {
  Variables: RequestIdVariables & {
    /** Whether whoever asked may still read what goes on; absent where that cannot change. */
    mayStillRead?: () => boolean;
    /** Who asks: behind the key it is always there. */
    caller: Caller;
    /** Undefined where no keys are configured, and in the process that reads. */
    key: ApiKey | undefined;
  };
}

const MEDIA_TYPE = "application/problem+json";

/** Seconds after which a caller may ask again; PostgreSQL restarts and fails over in about as long. */
const RETRY_AFTER = { headers: { "retry-after": "5" } };

const statusOf = {
  missing: 404,
  malformed: 422,
  refused: 502,
  unavailable: 503,
} as const satisfies Record<FailureKind, ContentfulStatusCode>;

/** What is wrong beyond what the status says already, for programs. */
export const problemTypes = {
  plain: "about:blank",
  parameters: "urn:vivenu-event-monitor:problem:parameters",
  /** As registered by the draft that has the headers of rate limits. */
  quota: "https://iana.org/assignments/http-problem-types#quota-exceeded",
} as const;

const ParameterFault = z.object({
  name: z.string().openapi({ description: "The parameter." }),
  reason: z.string().openapi({ description: "What is wrong with it, and what it must be." }),
});

export const Problem = z
  .object({
    type: z.string().openapi({
      enum: Object.values(problemTypes),
      description: "`about:blank` where the status says it all.",
    }),
    title: z.string().openapi({ description: "What the status is called." }),
    status: z.int().openapi({ description: "The answer's, once more." }),
    detail: z.string().openapi({ description: "What is wrong and what to do, for people." }),
    instance: z
      .string()
      .openapi({ description: "This occurrence: `requestId` as an address that is none." }),
    requestId: z.string().openapi({ description: "Finds the request's line in the log." }),
    errors: z
      .array(ParameterFault)
      .optional()
      .openapi({ description: "Where parameters are wrong: each of them, with all that is." }),
  })
  .openapi("Problem", {
    description: "RFC 9457.",
    example: {
      type: problemTypes.parameters,
      title: "Bad Request",
      status: 400,
      detail: "Query parameter limit: must be a whole number from 1 to 200.",
      instance: "urn:request:0c6dd8f2-6f8f-4f0b-9a35-0d6f0b7c4f2e",
      requestId: "0c6dd8f2-6f8f-4f0b-9a35-0d6f0b7c4f2e",
      errors: [{ name: "limit", reason: "must be a whole number from 1 to 200" }],
    },
  });

interface ProblemOptions {
  headers?: Record<string, string>;
  type?: string;
  errors?: z.infer<typeof ParameterFault>[];
}

/** Parameters that nothing can be answered to; the message says all that is wrong with them. */
class WrongParameters extends HTTPException {
  readonly errors: z.infer<typeof ParameterFault>[];
  constructor(status: 400 | 403 | 404, message: string, errors: z.infer<typeof ParameterFault>[]) {
    super(status, { message });
    this.errors = errors;
  }
}

/** Parameters that cannot be read. */
export class UnreadableParameters extends WrongParameters {
  constructor(message: string, errors: z.infer<typeof ParameterFault>[]) {
    super(400, message, errors);
  }
}

/** One parameter that names what whoever asks may not have, and why, in sentences. */
export const forbidden = (name: string, reason: string) =>
  new WrongParameters(403, `Query parameter ${name}: ${reason}`, [{ name, reason }]);

/** Parameters that name what is not there. */
export class MissingNames extends WrongParameters {
  constructor(errors: z.infer<typeof ParameterFault>[]) {
    const sentences = errors.map(({ reason }) => `${reason[0]?.toUpperCase()}${reason.slice(1)}.`);
    super(404, sentences.join(" "), errors);
  }
}

/** One parameter that cannot be read, and why. */
export const unreadable = (name: string, reason: string) =>
  new UnreadableParameters(`Query parameter ${name}: ${reason}.`, [{ name, reason }]);

/** What a route that needs the key may answer besides its answer, for the OpenAPI document. */
export const problems = {
  400: response("The query cannot be read; `detail` says what is wrong and what to do."),
  401: response("The key is missing or wrong."),
  404: response(
    "What a parameter names is not there; `errors` says which parameter, and each id that is unknown.",
  ),
  500: response("A defect of this service; `requestId` finds it in the log."),
  503: response("The database does not answer; ask again after `Retry-After` seconds."),
};

/** The same, for what many routes answer alike: the schema is named where these are written. */
export const problemOf = (description: string) => ({
  description,
  content: { [MEDIA_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
});

function response(description: string) {
  return { description, content: { [MEDIA_TYPE]: { schema: Problem } } };
}

export function problem(
  c: Context<ApiEnv>,
  status: ContentfulStatusCode,
  detail: string,
  { headers = {}, type = problemTypes.plain, errors }: ProblemOptions = {},
) {
  const title = STATUS_CODES[status] ?? "Error";
  const requestId = c.get("requestId");
  const instance = `urn:request:${requestId}`;
  const said = { type, title, status, detail, instance, requestId };
  const body: z.infer<typeof Problem> = { ...said, ...(errors && { errors }) };
  return c.body(JSON.stringify(body), status, { "content-type": MEDIA_TYPE, ...headers });
}

/** The one place where an error becomes an answer. */
export const answerError = (logger: Logger) => (error: Error, c: Context<ApiEnv>) => {
  const requestId = c.get("requestId");
  if (error instanceof WrongParameters) {
    const { errors, message, status } = error;
    return problem(c, status, message, { type: problemTypes.parameters, errors });
  }
  if (error instanceof HTTPException) return problem(c, error.status, error.message);
  if (isFailure(error)) {
    const status = statusOf[error.kind];
    // That it is not ready is what this one is asked for, every few seconds of a start.
    const isAnswer = error.kind === "unavailable" && c.req.path === "/ready";
    if (status >= 500) logger[isAnswer ? "debug" : "warn"]({ error, requestId }, "request.failed");
    return problem(c, status, redactText(error.message), status === 503 ? RETRY_AFTER : {});
  }
  if (isDatabaseGone(error)) {
    logger.warn({ error, requestId }, "request.failed");
    return problem(c, 503, "The database does not answer. Ask again in a moment.", RETRY_AFTER);
  }
  logger.error({ error, requestId }, "request.failed");
  return problem(c, 500, "Something is wrong on our side. The log has more under this requestId.");
};

/** As postgres.js, the operating system and TLS call a server that is not there or not trusted, and PostgreSQL one that is about to go or lets nobody in. */
const goneCodes =
  /^(CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED_CERT\w*|INVALID_CA|ERR_(?:TLS|SSL)_\w+|TLS_NOT_OFFERED|CONNECTION_\w+|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|57P0\d|57014|08\w{3}|28\w{3}|3D000|53\w{3})$/;

const isDatabaseGone = (error: Error) =>
  "code" in error && typeof error.code === "string" && goneCodes.test(error.code);
