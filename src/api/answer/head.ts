import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "../request/problem.ts";
import { insteadOf } from "./instead-of.ts";

/**
 * HEAD says what GET would, its length included: the router answers it by the route of GET and leaves
 * the body out, and of an answer without a body the server would say that it is empty.
 */
export const lengthOfHead: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  if (c.req.raw.method !== "HEAD") return;
  if (isEndless(c.res)) return;
  const body = await c.res.arrayBuffer();
  const { status, headers } = c.res;
  const length = body.byteLength > 0 && { "content-length": String(body.byteLength) };
  insteadOf(
    c,
    new Response(null, { status, headers: { ...Object.fromEntries(headers), ...length } }),
  );
};

/** What goes on for ever has no length. */
const isEndless = ({ headers }: Response) =>
  headers.get("content-type")?.startsWith("text/event-stream") ?? false;
