import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { type ApiEnv, problem } from "./problem.ts";

const REALM = 'realm="vivenu-event-monitor"';

/**
 * Lets a request pass that carries one of the keys. Without any keys configured only this machine is
 * answered: a page of another site can reach a port of it, but cannot choose the Host header.
 */
export function requireKey(keys: readonly string[] | undefined): MiddlewareHandler<ApiEnv> {
  if (keys === undefined) return onlyThisMachine;
  const accepted = keys.map(digest);
  return async (c, next) => {
    if (presentedKeys(c).some((key) => isAccepted(key, accepted))) return next();
    const challenge = isBrowserPath(c) ? `Basic ${REALM}, charset="UTF-8"` : `Bearer ${REALM}`;
    return problem(c, 401, howTo(c), { headers: { "www-authenticate": challenge } });
  };
}

const onlyThisMachine: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  if (/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)) return next();
  return problem(c, 403, "No API key is configured, so only requests to localhost are answered.");
};

/** A browser that opens a page can send a key only as a password. */
const isBrowserPath = (c: Context) => /^\/(docs(\/.*)?|openapi\.json)$/.test(c.req.path);

const howTo = (c: Context) =>
  isBrowserPath(c)
    ? "Log in with any user name and an API key as the password, or send the key as a bearer token or as X-API-Key."
    : "Send an API key as `Authorization: Bearer <key>` or as `X-API-Key: <key>`.";

/** Every key the request carries: after a login at /docs a browser adds Basic to whatever it sends. */
function presentedKeys(c: Context): string[] {
  const authorization = c.req.header("authorization") ?? "";
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const basic = isBrowserPath(c) ? passwordOf(authorization) : undefined;
  return [c.req.header("x-api-key"), bearer, basic].filter((key) => key !== undefined);
}

function passwordOf(authorization: string) {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const [, ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return password.length === 0 ? undefined : password.join(":");
}

/** Compares with every key, and digests instead of keys, so that the time it takes tells nothing. */
function isAccepted(key: string, accepted: readonly Buffer[]) {
  const presented = digest(key);
  return accepted.filter((one) => timingSafeEqual(one, presented)).length > 0;
}

const digest = (key: string) => createHash("sha256").update(key).digest();
