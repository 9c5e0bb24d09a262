import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { ApiEnv } from "../request/problem.ts";

const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** What no browser asks for a page is answered as ever: an OPTIONS with what is answered at the address. */
export const allowOrigins = (
  origins: readonly string[],
  isLoopbackLetIn: boolean,
): MiddlewareHandler<ApiEnv> => {
  const allow = cors({
    origin: (asking) =>
      origins.includes(asking) || (isLoopbackLetIn && LOOPBACK.test(asking)) ? asking : null,
    allowMethods: ["GET", "HEAD"],
    allowHeaders: ["authorization", "if-none-match", "last-event-id", "x-api-key"],
    exposeHeaders: [
      "content-disposition",
      "etag",
      "link",
      "ratelimit",
      "ratelimit-policy",
      "retry-after",
      "x-request-id",
    ],
    maxAge: 600,
  });
  return async (c, next) => {
    const { method, headers } = c.req.raw;
    const isOfPage =
      headers.has("origin") &&
      (method !== "OPTIONS" || headers.has("access-control-request-method"));
    if (isOfPage) return allow(c, next);
    await next();
    c.res.headers.append("vary", "Origin");
  };
};
