import type { OpenAPIHono } from "@hono/zod-openapi";
import { type ApiEnv, problem } from "../request/problem.ts";

/** Answers OPTIONS, and 405, for every path added so far when no route took the request. */
export function refuseOtherMethods(app: OpenAPIHono<ApiEnv>) {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method === "ALL") continue;
    const known = methods.get(path) ?? new Set(["OPTIONS"]);
    methods.set(path, known.add(method));
    if (method === "GET") known.add("HEAD");
  }
  for (const [path, known] of methods) {
    const allow = [...known].sort().join(", ");
    app.all(path, (c) =>
      c.req.method === "OPTIONS"
        ? c.body(null, 204, { allow })
        : problem(c, 405, `Only ${allow} is answered here.`, { headers: { allow } }),
    );
  }
}
