import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { type Accept, parseAccept } from "hono/utils/accept";
import { type ApiEnv, problem } from "../request/problem.ts";
import { tablePaths, tableTypes } from "./table-forms.ts";

/**
 * Refuses a question whose answer the caller would not take in any form that there is. The forms are those
 * that the routes declare.
 */
export function acceptable(app: OpenAPIHono<ApiEnv>): MiddlewareHandler<ApiEnv> {
  let declared: ReadonlyMap<string, string[]> | undefined;
  return async (c, next) => {
    const asked = c.req.header("accept");
    if (asked === undefined) return next();
    declared ??= declaredForms(app);
    const forms = formsOf(c, declared);
    if (forms.length === 0 || forms.some((form) => takes(parseAccept(asked), form))) return next();
    return problem(
      c,
      406,
      `This is answered as ${forms.join(" or ")}, which \`Accept\` leaves out.`,
    );
  };
}

/** Added to the app after this, they are known when the first request comes. */
const declaredForms = ({ openAPIRegistry }: OpenAPIHono<ApiEnv>) =>
  new Map(
    openAPIRegistry.definitions.flatMap((definition): [string, string[]][] => {
      if (definition.type !== "route") return [];
      const { path, responses } = definition.route;
      const answer = responses[200];
      const content = answer && "content" in answer ? answer.content : undefined;
      const name = path.replaceAll(/\{(\w+)\}/g, ":$1");
      return [[name, [...Object.keys(content ?? {}), ...(tablePaths.has(name) ? tableTypes : [])]]];
    }),
  );

function formsOf(c: Context, declared: ReadonlyMap<string, string[]>): string[] {
  const route = matchedRoutes(c).find(({ path }) => declared.has(path));
  return (route && declared.get(route.path)) ?? [];
}

const takes = (ranges: readonly Accept[], form: string) => wishFor(ranges, form) > 0;

/**
 * How much the caller would have this form, from 0 to 1. The range that names it most closely decides; what
 * is no range at all decides nothing.
 */
export function wishFor(ranges: readonly Accept[], form: string): number {
  const valid = ranges.filter(({ type }) => type.includes("/"));
  const group = `${form.split("/")[0]}/*`;
  for (const name of [form, group, "*/*"]) {
    const named = valid.filter(({ type }) => type.toLowerCase() === name);
    if (named.length > 0) return Math.max(...named.map(({ q }) => q));
  }
  return valid.length === 0 ? 1 : 0;
}
