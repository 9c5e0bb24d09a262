import type { Context } from "hono";

/** What Bun hands over beside a request. */
interface KnowsAddresses {
  requestIP(request: Request): { address: string } | null;
}

/**
 * Who sent the request. What a caller writes into `X-Forwarded-For` says nothing: only what the proxies that
 * are trusted added at its end.
 */
export function addressOf(c: Context, trustedProxies: number): string {
  if (trustedProxies > 0) {
    const forwarded = c.req.header("x-forwarded-for")?.split(",") ?? [];
    const added = forwarded.at(-trustedProxies)?.trim();
    if (added) return added;
  }
  const server: unknown = c.env;
  return (knowsAddresses(server) && server.requestIP(c.req.raw)?.address) || "unknown";
}

const knowsAddresses = (server: unknown): server is KnowsAddresses =>
  typeof server === "object" && server !== null && "requestIP" in server;
