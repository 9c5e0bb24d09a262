import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { FOR_ADMINS, isForAdmins } from "./operation/operations.ts";
import { pagePaths } from "./pages.ts";
import { type Caller, isKeptToSome } from "./request/callers.ts";
import { type ApiEnv, problem } from "./request/problem.ts";
import { readFor } from "./request/read-for.ts";

/**
 * What a partner's key sees: its own events, and of no other that there is one. The readers are narrowed
 * (`narrowed-reads.ts`) and not the routes, so that none can forget it; a route whose readers are not narrowed
 * is shut to such a key.
 */
export const narrowedRoutes: ReadonlySet<string> = new Set([
  "/api/events",
  "/api/events/:eventId",
  "/api/events/:eventId/ticket-types",
  "/api/events/:eventId/sales",
  "/api/events/:eventId/levels",
  "/api/events/:eventId/forecast",
  "/api/ticket-types",
  "/api/sales",
  "/api/changes",
  "/api/summary",
  "/api/launches",
  "/api/launches.ics",
  "/api/stream",
  "/api/downloads/:name",
  "/api/links",
  "/status",
  "/openapi.json",
  "/docs",
  // Not `/operations`, which is of everybody.
  ...pagePaths,
]);

/** Behind the key: whatever is read from here on is read for this caller. */
export const seenByCaller: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const caller = c.get("caller");
  if (!isKeptToSome(caller)) return readFor(caller, next);
  const routes = matchedRoutes(c).filter(({ path }) => !path.endsWith("*"));
  const isShut = routes.length > 0 && !routes.some(({ path }) => isNarrowed(path));
  if (isShut) return problem(c, 403, OF_ALL);
  return readFor(caller, next);
};

const OF_ALL = "This key sees some events only, and this is of all of them.";

/** Why a caller is answered nothing at a route; undefined where it is. */
export function refusalOf(caller: Caller, path: string): string | undefined {
  if (isKeptToSome(caller) && !isNarrowed(path)) return OF_ALL;
  return isForAdmins(path) && !caller.isAdmin ? FOR_ADMINS : undefined;
}

const isNarrowed = (path: string) => narrowedRoutes.has(path) || path.startsWith("/docs/");
