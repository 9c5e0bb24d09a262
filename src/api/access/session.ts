import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { ApiKey } from "../request/callers.ts";
import { openSeal, type SealDoor, seal } from "./seals.ts";

/** So long a browser stays signed in. */
export const SESSION_S = 12 * 3_600;

/** Browsers take it from a secure origin alone, and of the host itself. */
const SECURE_COOKIE = "__Host-session";
/** A developer's own machine has no TLS. */
const LOCAL_COOKIE = "session";

export interface Session {
  key: ApiKey;
  expiresS: number;
}

const FOR = "session";

/**
 * The session that a request may use. A browser sends its cookie with whatever it sends: what changes something
 * counts only where a page of this service sent it, and under `/api` not even then.
 */
export function sessionOf(c: Context, door: SealDoor): Session | undefined {
  const isRead = ["GET", "HEAD"].includes(c.req.raw.method);
  if (!isRead && (c.req.path.startsWith("/api/") || !isFromOwnPage(c))) return undefined;
  const cookie = getCookie(c, SECURE_COOKIE) ?? (isLocal(c) ? getCookie(c, LOCAL_COOKIE) : "");
  return openSeal(cookie ?? "", door, { said: FOR, longestS: SESSION_S });
}

/** Whether a page of this service sent it, as browsers say, and nobody but browsers has to. */
export function isFromOwnPage(c: Context): boolean {
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site");
  if (origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === hostOf(c) && (site === undefined || site === "same-origin");
}

const hostOf = (c: Context) => c.req.header("host") ?? new URL(c.req.url).host;

/** As browsers have it: to itself a machine may speak without TLS. */
export const isLocal = (c: Context) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(hostOf(c));

/** Before a proxy that ends TLS the service is asked in plain HTTP; a form's origin says how the browser asked. */
export const isSecure = (c: Context) =>
  c.req.header("origin")?.startsWith("https://") ??
  c.req.header("x-forwarded-proto")?.split(",").at(-1)?.trim() === "https";

/** The cookie that keeps it; without a session one that forgets it. */
export function cookieOf(c: Context, session: Session | undefined, secret: string): string {
  const name = isSecure(c) ? SECURE_COOKIE : LOCAL_COOKIE;
  const text = session ? seal(session.key, { said: FOR, expiresS: session.expiresS }, secret) : "";
  const age = session ? SESSION_S : 0;
  const secure = isSecure(c) ? "; Secure" : "";
  return `${name}=${text}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
