import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { ApiEnv } from "../request/problem.ts";

/** Asked every few seconds, or many at once for one page: noise at info. */
const isQuiet = (route: string) => /^\/(health|ready|metrics|docs\/.*)$/.test(route);

/**
 * One line a request. It names the route and not the path or the query, which hold whatever a caller
 * put there, a key in the wrong place included.
 */
export const answered =
  (logger: Logger, clock: Clock): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const startedAt = clock.now().getTime();
    await next();
    const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith("*"))?.path ?? "unmatched";
    const { status } = c.res;
    const ms = clock.now().getTime() - startedAt;
    const fields = { method: c.req.method, route, status, ms, requestId: c.get("requestId") };
    logger[isQuiet(route) ? "debug" : "info"](fields, "request.answered");
  };

/**
 * Nothing but the docs page is for a browser to show, and no answer is for a frame or a cache. Headers are set on
 * the answer itself: `c.header` would make another answer each time.
 */
export const guarded: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  const { headers } = c.res;
  headers.set("x-content-type-options", "nosniff");
  // Not `no-referrer`: with it browsers say `Origin: null` of a form, and nobody could sign in.
  headers.set("referrer-policy", "same-origin");
  headers.set("x-frame-options", "DENY");
  // A browser that knows a key sends it from other sites' pages too: they may not so much as include it.
  headers.set("cross-origin-resource-policy", "same-origin");
  // What a browser has already keeps its policy: that of a 304 would take its place, and nothing would load.
  if (c.res.status === 304) return;
  if (!headers.has("content-security-policy"))
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
};
