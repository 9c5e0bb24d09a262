import type { Logger } from "./logger.ts";

/** It stands in for the name of a host, and is nobody's. */
const NO_HOST = "http://no-host.invalid";

/**
 * A request of HTTP/1.0 need not name a host, as HAProxy's plain check does not, and any request may name
 * one that is none (`a:99999`). Bun hands over the path alone then, or an address that no `URL` can read.
 */
export function withOrigin(request: Request): Request {
  const { url } = request;
  if (URL.canParse(url)) return request;
  // As text: resolved against an origin, `//name/path` would be another host's.
  return new Request(NO_HOST + url.replace(/^[a-z]+:\/\/[^/?#]*/i, ""), request);
}

/** What no route answered for. Bun's own answer shows the stack wherever `NODE_ENV` is not `production`. */
export const answerFault = (logger: Logger) => (error: Error) => {
  logger.error({ error }, "request.failed");
  const detail = "Something is wrong on our side. The log has more.";
  const body = { type: "about:blank", title: "Internal Server Error", status: 500, detail };
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
  return new Response(JSON.stringify(body), { status: 500, headers });
};
