import { createRoute, type OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Clock } from "../../lib/clock.ts";
import type { ApiKey, Caller } from "../request/callers.ts";
import { type ApiEnv, forbidden, problemOf, problems, unreadable } from "../request/problem.ts";
import { queryOf } from "../request/query.ts";
import { openSeal, type SealDoor, seal } from "./seals.ts";

/** The parameter that opens one address without a key. */
const LINK = "link";

const DAY_S = 86_400;
const LONGEST_S = 90 * DAY_S;

/** The parameter by which a list goes on: a link to a list opens every page of it. */
const CURSOR = "cursor";

/** A link opens one address, the query included, until it expires. */
export function linkTo(address: string, key: ApiKey, expiresS: number, secret: string): string {
  const link = seal(key, { said: sealedFor(address), expiresS }, secret);
  return withLink(address, link);
}

/** What a link opens for whoever has it. */
export interface Linked {
  key: ApiKey;
  expiresS: number;
  link: string;
}

/** The link that the request carries; the parameter is taken out, as the routes know nothing of it. */
export function linkOf(c: Context, door: SealDoor): Linked | undefined {
  const { method, url } = c.req.raw;
  if (!["GET", "HEAD"].includes(method)) return undefined;
  const { origin, pathname, search } = new URL(url);
  const [link, ...more] = partsOf(search.slice(1)).filter(isOf(LINK));
  if (link === undefined || more.length > 0) return undefined;
  const address = without(LINK, pathname + search);
  const text = link.slice(LINK.length + 1);
  const opened = openSeal(text, door, { said: sealedFor(address), longestS: LONGEST_S });
  if (!opened) return undefined;
  c.req.raw = new Request(origin + address, c.req.raw);
  return { ...opened, link: text };
}

/** Whether somebody opens what may once have been a link. */
export const carriesLink = (c: Context) =>
  partsOf(new URL(c.req.raw.url).search.slice(1)).some(isOf(LINK));

/** Where a list goes on is opened by the same link. */
export function linkGoesOn({ headers }: Response, { link }: Linked): void {
  const next = headers.get("link");
  if (next)
    headers.set(
      "link",
      next.replace(/<([^>]*)>/, (_, to) => `<${withLink(to, link)}>`),
    );
}

const withLink = (address: string, link: string) =>
  `${address}${address.includes("?") ? "&" : "?"}${LINK}=${link}`;

const sealedFor = (address: string) => `link ${without(CURSOR, address)}`;

/** Parameters as they are written: a seal is of the text, and nothing of it is coded anew. */
const partsOf = (query: string) => query.split("&").filter((part) => part !== "");

const isOf = (name: string) => (part: string) => part.startsWith(`${name}=`);

function without(name: string, address: string) {
  const [path = "", query = ""] = address.split(/\?(.*)/s);
  const others = partsOf(query).filter((part) => !isOf(name)(part));
  return others.length > 0 ? `${path}?${others.join("&")}` : path;
}

const route = createRoute({
  method: "get",
  path: "/api/links",
  operationId: "makeLink",
  tags: ["Downloads"],
  summary: "A link that opens one address without a key, until it expires",
  description:
    "For what cannot send a key: `IMPORTDATA` of Google Sheets, a link in a message. It sees what the key sees that it was made with, and ends with it. Whoever has the link can open it. A link to a list opens all its pages: `Link` of each names the next one with it, and `cursor` may be added to it.",
  request: {
    query: queryOf({
      path: z
        .string("give it once, like /api/downloads/events.csv")
        .regex(
          /^\/api\/(?!links\b)[^\s#\\]+$/,
          "must be an address here, like /api/downloads/events.csv",
        )
        .refine((path) => !/[?&]link=/.test(path), "has a link already")
        .openapi({
          description:
            "What it opens, its query included. What the key may not open, or what would be refused there, is refused here.",
          example: "/api/downloads/events.csv",
        }),
      seconds: z
        .string("give it once")
        .regex(/^[1-9]\d{0,7}$/, `must be a whole number from 1 to ${LONGEST_S}`)
        .transform(Number)
        .refine((s) => s <= LONGEST_S, `must be a whole number from 1 to ${LONGEST_S}`)
        .default(DAY_S)
        .openapi({
          type: "integer",
          minimum: 1,
          maximum: LONGEST_S,
          default: DAY_S,
          example: DAY_S,
          description: "How long it opens.",
        }),
    }),
  },
  responses: {
    200: {
      description: "The link.",
      content: {
        "application/json": {
          schema: z
            .object({
              path: z.string().openapi({ description: "With the link, on this host." }),
              url: z.string().openapi({ description: "The same as a whole address." }),
              expiresAt: z.iso
                .datetime()
                .openapi({ description: "From then on it opens nothing. An instant in UTC." }),
            })
            .openapi("Link"),
          example: {
            path: "/api/downloads/events.csv?link=default.1790000000.c2lnbmF0dXJl",
            url: "https://monitor.example.com/api/downloads/events.csv?link=default.1790000000.c2lnbmF0dXJl",
            expiresAt: "2026-09-21T13:33:20.000Z",
          },
        },
      },
    },
    400: problems[400],
    401: problems[401],
    403: problemOf("The key may not open this itself."),
    500: problems[500],
  },
});

interface LinksOptions {
  clock: Clock;
  sealSecret: string;
  /** Why the caller is answered nothing at a route, like `/api/events/:eventId`; undefined where it is. */
  refusalOf: (caller: Caller, path: string) => string | undefined;
}

export function addLinks(app: OpenAPIHono<ApiEnv>, options: LinksOptions) {
  const { clock, sealSecret, refusalOf } = options;
  app.openapi(route, (c) => {
    const { path, seconds } = c.req.valid("query");
    const { origin, protocol } = new URL(c.req.url);
    if (!URL.canParse(path, origin) || addressIn(path, origin) !== path) {
      const reason = "must be written as browsers send it, percent signs and all";
      throw unreadable("path", reason);
    }
    const opened = new URL(path, origin);
    const found = routeAt(app, opened.pathname);
    if (!found) throw unreadable("path", "nothing is here that a link could open: see /docs");
    const refusal = refusalOf(c.get("caller"), found.path.replaceAll(/\{(\w+)\}/g, ":$1"));
    if (refusal !== undefined)
      throw forbidden(
        "path",
        `is refused to this key, and so to whoever opened a link. ${refusal}`,
      );
    refuseQuery(found, opened.searchParams);
    const expiresS = Math.floor(clock.now().getTime() / 1_000) + seconds;
    const key = c.get("key");
    // Without any key configured this machine needs no link.
    const made = key ? linkTo(path, key, expiresS, sealSecret) : path;
    // Before a proxy that ends TLS the service is asked in plain HTTP.
    const isSecure = c.req.header("x-forwarded-proto")?.split(",").at(-1)?.trim() === "https";
    const url = `${isSecure ? origin.replace(protocol, "https:") : origin}${made}`;
    return c.json({ path: made, url, expiresAt: new Date(expiresS * 1_000).toISOString() }, 200);
  });
}

/** The route by which a `GET` is answered there, however its letters are written; none that makes links. */
function routeAt({ openAPIRegistry }: OpenAPIHono<ApiEnv>, pathname: string) {
  const asked = decoded(pathname)?.replace(/\/+$/, "");
  if (asked === undefined) return undefined;
  const found = openAPIRegistry.definitions.find((definition) => {
    if (definition.type !== "route" || definition.route.method !== "get") return false;
    const { path } = definition.route;
    return path !== route.path && new RegExp(`^${patternOf(path)}$`).test(asked);
  });
  return found?.type === "route" ? found.route : undefined;
}

/** A link whose query is refused opens nothing, and nobody is there any more to be told why. */
function refuseQuery({ request }: RouteConfig, asked: URLSearchParams) {
  const names = new Set(asked.keys());
  const query = Object.fromEntries(
    [...names].map((name) => {
      const [first, ...more] = asked.getAll(name);
      return [name, more.length > 0 ? [first, ...more] : first];
    }),
  );
  const checked = request?.query?.safeParse(query);
  if (!checked || checked.success) return;
  const faults = checked.error.issues.map(({ path, message }) =>
    [...path.map(String), message].join(" "),
  );
  throw unreadable("path", `has a query that is refused there: ${faults.join("; ")}`);
}

/** The regular expression of a route's path, like `/api/events/{eventId}`: only a point has to be escaped in it. */
const patternOf = (path: string) => path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+");

/** As the router reads it. */
function decoded(pathname: string): string | undefined {
  try {
    return decodeURI(pathname);
  } catch {
    return undefined;
  }
}

function addressIn(path: string, origin: string) {
  const { pathname, search } = new URL(path, origin);
  return pathname + search;
}
