import type { z } from "zod";

const codes = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  422: "UNPROCESSABLE_CONTENT",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  502: "BAD_GATEWAY",
  503: "SERVICE_UNAVAILABLE",
  504: "GATEWAY_TIMEOUT",
} as const;

export type ProblemStatus = keyof typeof codes;

/** An answer other than 2xx, in the words of Flowcore's services. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: ProblemStatus;
  readonly fields: Record<string, unknown>;

  constructor(status: ProblemStatus, message: string, fields: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** Ingestion says its code as `error` too. */
export function problemAnswer({ status, message, fields }: Problem, path: string): Response {
  const code = codes[status];
  const body = { status, code, message, ...fields };
  const isIngestion = /^\/events?\//.test(path);
  return Response.json(isIngestion ? { ...body, error: code } : body, { status });
}

export const forbidden = (action: string, resource: string) =>
  new Problem(403, "IAM validation failed", {
    validPolicies: [],
    invalidRequest: [{ action: [action], resource: [resource] }],
  });

export interface Where {
  status: 400 | 422;
  in: "body" | "query";
}

/** What `schema` makes of `value`; else a problem that names every field that is wrong. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { status, in: place }: Where,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) errors[`/${path.join("/")}`] = message;
  throw new Problem(status, "Validation failed", { in: place, errors });
}
