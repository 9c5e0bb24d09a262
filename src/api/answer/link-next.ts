import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "../request/problem.ts";

/** A list that goes on says where in its header as well, as RFC 8288 has it: no client needs to know how. */
export const linkNext: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const json = c.json.bind(c);
  const withLink = (body: unknown, ...rest: unknown[]) => {
    const cursor = cursorIn(body);
    if (cursor !== undefined) c.header("link", `<${addressOf(c.req.url, cursor)}>; rel="next"`);
    return Reflect.apply(json, c, [body, ...rest]);
  };
  // The cast: what is answered is as before.
  c.json = withLink as typeof c.json;
  await next();
};

function cursorIn(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("nextCursor" in body)) return undefined;
  return typeof body.nextCursor === "string" ? body.nextCursor : undefined;
}

/**
 * Relative to what was asked, so that it holds behind a path of somebody's gateway, and in the words of what was
 * asked: a signed link is of these.
 */
function addressOf(url: string, cursor: string) {
  const others = new URL(url).search
    .slice(1)
    .split("&")
    .filter((part) => part !== "" && !part.startsWith("cursor="));
  return `?${[...others, `cursor=${cursor}`].join("&")}`;
}
