import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Clock } from "../../lib/clock.ts";
import type { ApiKey } from "../request/callers.ts";
import { type ApiEnv, problems, unreadable } from "../request/problem.ts";
import { queryOf } from "../request/query.ts";
import { openSeal, type SealDoor, seal } from "./seals.ts";

/** The parameter that opens one address without a key. */
export const LINK = "link";

const DAY_S = 86_400;
const LONGEST_S = 90 * DAY_S;

/** A link opens one address, the query included, until it expires. */
export function linkTo(address: string, key: ApiKey, expiresS: number, secret: string): string {
  const link = seal(key, { said: forAddress(address), expiresS }, secret);
  return `${address}${address.includes("?") ? "&" : "?"}${LINK}=${link}`;
}

/** The key whose link the request carries; the parameter is taken out, as the routes know nothing of it. */
export function keyOfLink(c: Context, door: SealDoor): ApiKey | undefined {
  const { method, url } = c.req.raw;
  if (!["GET", "HEAD"].includes(method)) return undefined;
  const asked = new URL(url);
  const [before, link, ...more] = asked.search.split(new RegExp(`[?&]${LINK}=`));
  if (link === undefined || more.length > 0) return undefined;
  const address = `${asked.pathname}${before}`;
  const opened = openSeal(link, door, { said: forAddress(address), longestS: LONGEST_S });
  if (opened) c.req.raw = new Request(`${asked.origin}${address}`, c.req.raw);
  return opened?.key;
}

const forAddress = (address: string) => `link ${address}`;

const route = createRoute({
  method: "get",
  path: "/api/links",
  operationId: "makeLink",
  tags: ["Downloads"],
  summary: "A link that opens one address without a key, until it expires",
  description:
    "For what cannot send a key: `IMPORTDATA` of Google Sheets, a link in a message. It sees what the key sees that it was made with, and ends with it. Whoever has the link can open it.",
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
          description: "What it opens, its query included.",
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
              expiresAt: z.iso.datetime(),
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
    500: problems[500],
  },
});

interface LinksOptions {
  clock: Clock;
  sealSecret: string;
}

export function addLinks(app: OpenAPIHono<ApiEnv>, { clock, sealSecret }: LinksOptions) {
  app.openapi(route, (c) => {
    const { path, seconds } = c.req.valid("query");
    const { origin, protocol } = new URL(c.req.url);
    if (!URL.canParse(path, origin) || addressIn(path, origin) !== path) {
      const reason = "must be written as browsers send it, percent signs and all";
      throw unreadable("path", reason);
    }
    if (!isOpened(app, new URL(path, origin).pathname))
      throw unreadable("path", "nothing is here that a link could open: see /docs");
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

/** Whether a `GET` is answered there, however its letters are written, and is not one that makes links. */
function isOpened({ openAPIRegistry }: OpenAPIHono<ApiEnv>, pathname: string): boolean {
  const asked = decoded(pathname)?.replace(/\/+$/, "");
  if (asked === undefined) return false;
  return openAPIRegistry.definitions.some((definition) => {
    if (definition.type !== "route" || definition.route.method !== "get") return false;
    const { path } = definition.route;
    return path !== route.path && new RegExp(`^${patternOf(path)}$`).test(asked);
  });
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
