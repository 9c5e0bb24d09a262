import type { MiddlewareHandler } from "hono";
import { Failure } from "../../lib/failure.ts";
import { CALLER_HEADER, sealCaller } from "../request/callers.ts";
import type { ApiEnv } from "../request/problem.ts";
import { ZONE_COOKIE, zoneOf } from "../request/viewer.ts";

/** Asks the process that reads; `path` begins with a slash. Rejects while it is not there. */
export type Ask = (path: string, init: RequestInit) => Promise<Response>;

/** Of one connection, or of the request as it came here. */
const NOT_FORWARDED = ["connection", "keep-alive", "host", "content-length", "transfer-encoding"];
/** The key has been looked at, and nobody but this process says who asks. */
const SECRETS = ["authorization", "x-api-key", "cookie", CALLER_HEADER];

/**
 * Has reads worked on in another process, and hands over its answer as it comes. HEAD is asked for as GET,
 * because its length is worked out here; what is neither is no read.
 */
export function forwarded(ask: Ask, handover: string): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { method, url, signal } = c.req.raw;
    if (method !== "GET" && method !== "HEAD") return next();
    const { pathname, search } = new URL(url);
    const headers = without(c.req.raw.headers);
    for (const name of SECRETS) headers.delete(name);
    const zone = zoneOf(c);
    if (zone !== null) headers.set("cookie", `${ZONE_COOKIE}=${encodeURIComponent(zone)}`);
    headers.set("x-request-id", c.get("requestId"));
    headers.set(CALLER_HEADER, sealCaller(c.get("caller"), handover));
    try {
      const answer = await ask(pathname + search, { method: "GET", headers, signal });
      return new Response(answer.body, { status: answer.status, headers: without(answer.headers) });
    } catch (error) {
      const detail = "What is read is not there at the moment. Ask again in a moment.";
      throw new Failure("unavailable", detail, {}, error);
    }
  };
}

function without(given: Headers): Headers {
  const headers = new Headers(given);
  for (const name of NOT_FORWARDED) headers.delete(name);
  return headers;
}
