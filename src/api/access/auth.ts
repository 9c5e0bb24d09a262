import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import type { Clock } from "../../lib/clock.ts";
import {
  type ApiKey,
  CALLER_HEADER,
  type Caller,
  isSame,
  type KeyRing,
  openCaller,
  sightOf,
} from "../request/callers.ts";
import { type ApiEnv, problem, problemTypes } from "../request/problem.ts";
import { addressOf } from "./address.ts";
import { carriesLink, linkGoesOn, linkOf } from "./links.ts";
import { headersOf, type Limits, type Room, rateLimiter } from "./rate-limit.ts";
import { isLocal, sessionOf } from "./session.ts";

const REALM = 'realm="vivenu-event-monitor"';
const BASIC = `Basic ${REALM}, charset="UTF-8"`;
const BEARER = `Bearer ${REALM}`;

interface AuthOptions {
  /** Undefined only in development: then only requests to localhost are answered. */
  keys: KeyRing | undefined;
  limits: Limits;
  clock: Clock;
  /** By it sessions and links are sealed. */
  sealSecret: string;
}

/**
 * Lets a request pass that carries one of the keys, and says whose it is. Without any keys configured only
 * this machine is answered: a page of another site can reach a port of it, but cannot choose the Host
 * header.
 */
export function requireKey({
  keys,
  limits,
  clock,
  sealSecret,
}: AuthOptions): MiddlewareHandler<ApiEnv> {
  if (keys === undefined) return onlyThisMachine;
  const takeOfKey = rateLimiter(limits.perKey, clock);
  const takeFailed = rateLimiter(limits.failedPerAddress, clock);

  function refuse(c: Context<ApiEnv>, hasKey: boolean) {
    if (hasKey) {
      const room = takeFailed(addressOf(c, limits.trustedProxies));
      if (room.isOver) return tooMany(c, "Too many wrong keys came from this address.", room);
    }
    const detail = `${carriesLink(c) ? DEAD_LINK : ""}${howTo(c)}`;
    return problem(c, 401, detail, { headers: { "www-authenticate": challengeOf(c) } });
  }

  return async (c, next) => {
    const ring = await keys.read();
    const presented = presentedKeys(c);
    const door = { ring, secret: sealSecret, now: clock.now() };
    // First of all: a browser that knows a key sends it with links as well.
    const linked = linkOf(c, door);
    const shown = linked ? undefined : ring.find(openedBy(presented));
    const session = linked || shown ? undefined : sessionOf(c, door);
    const lasting = linked ?? session;
    const key = shown ?? lasting?.key;
    if (!key) return refuse(c, presented.length > 0);
    const room = takeOfKey(key.name);
    const headers = headersOf("key", limits.perKey, room);
    if (room.isOver) return tooMany(c, "This key asked more often than it may.", room, headers);
    c.set("caller", key);
    c.set("key", key);
    const isStillIn = stillIn(keys, ring, key);
    const untilMs = (lasting?.expiresS ?? Number.POSITIVE_INFINITY) * 1_000;
    c.set("mayStillRead", () => clock.now().getTime() < untilMs && isStillIn());
    await next();
    if (linked) linkGoesOn(c.res, linked);
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  };
}

/**
 * What goes on for hours asks now and then, and hears at the next time of a key that went, or sees something
 * else from then on.
 */
function stillIn(keys: KeyRing, ring: readonly ApiKey[], key: ApiKey) {
  const { name, digest } = key;
  const sight = sightOf(key);
  let latest = ring;
  return () => {
    keys.read().then(
      (read) => {
        latest = read;
      },
      () => {},
    );
    return latest.some(
      (one) => one.name === name && isSame(one.digest, digest) && sightOf(one) === sight,
    );
  };
}

/** In the process that reads: who asks has been found out already, and is told by who hands it over. */
export const requireHandover =
  (secret: string): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const caller = openCaller(c.req.header(CALLER_HEADER) ?? "", secret);
    if (!caller) return problem(c, 401, "Ask at the service's own port.");
    c.set("caller", caller);
    return next();
  };

function tooMany(
  c: Context<ApiEnv>,
  what: string,
  { resetS }: Room,
  headers: Record<string, string> = {},
) {
  return problem(c, 429, `${what} Ask again in ${resetS} s.`, {
    type: problemTypes.quota,
    headers: { "retry-after": String(resetS), ...headers },
  });
}

const LOCAL: Caller = { name: "local", isAdmin: true };

const onlyThisMachine: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (!isLocal(c))
    return problem(c, 403, "No API key is configured, so only requests to localhost are answered.");
  c.set("caller", LOCAL);
  return next();
};

/**
 * A browser asks its user for a key where it opens an address itself. Where a page of somebody's asks, a
 * window that nobody expects would open instead of the page learning of it; other programs choose.
 */
function challengeOf(c: Context) {
  const mode = c.req.header("sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate" || isBrowserPath(c) ? BASIC : BEARER;
  const isForPeople = c.req.header("accept")?.includes("text/html") ?? false;
  return isForPeople || isBrowserPath(c) ? BASIC : `${BEARER}, ${BASIC}`;
}

const isBrowserPath = (c: Context) => /^\/(docs(\/.*)?|openapi\.json)$/.test(c.req.path);

/** Of these reasons no more is said: a link that was never made is none of anybody's. */
const DEAD_LINK =
  "The link in this address has expired, is of another address, or ended with the key that it was made with. Ask whoever gave it for a new one. ";

const howTo = (c: Context) =>
  challengeOf(c) === BASIC
    ? "Log in with any user name and an API key as the password, or send the key as a bearer token or as X-API-Key."
    : "Send an API key as `Authorization: Bearer <key>` or as `X-API-Key: <key>`; to a GET also as the password of HTTP Basic.";

/**
 * Every key the request carries: after a login a browser adds Basic to whatever it sends. It does so from
 * other sites' pages too, which can read nothing of it, and must not be able to do anything by it.
 */
function presentedKeys(c: Context): string[] {
  const authorization = c.req.header("authorization") ?? "";
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const isRead = ["GET", "HEAD"].includes(c.req.raw.method);
  const basic = isRead ? passwordOf(authorization) : undefined;
  return [c.req.header("x-api-key"), bearer, basic].filter((key) => key !== undefined);
}

function passwordOf(authorization: string) {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const [, ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return password.length === 0 ? undefined : password.join(":");
}

/** Compares with every key, and digests instead of keys, so that the time it takes tells nothing. */
function openedBy(presented: readonly string[]) {
  const digests = presented.map((key) => createHash("sha256").update(key).digest());
  return ({ digest }: ApiKey) =>
    digests.filter((presentedDigest) => isSame(presentedDigest, digest)).length > 0;
}
