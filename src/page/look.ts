import type { Context } from "hono";
import { lookedAt } from "../api/request/as-of.ts";
import type { Caller } from "../api/request/callers.ts";
import type { ApiEnv } from "../api/request/problem.ts";
import { zoneOf } from "../api/request/viewer.ts";
import type { Clock } from "../lib/clock.ts";
import { knownZone } from "../lib/zones.ts";

export const AS_OF = "as_of";
/** A moment by how many whole days lie between it and now: 0, or below. */
export const DAY = "day";

/** Who looks at what: what every view is given, and its frame shows. */
export interface Look {
  path: string;
  query: URLSearchParams;
  /** The moment that is shown: now, or one of the past. */
  now: Date;
  /** Undefined while it is now that is shown. */
  asOf: Date | undefined;
  /** Now, whatever is shown. */
  present: Date;
  /** The reader's zone; null where it is not known. */
  zone: string | null;
  /** Undefined before signing in. */
  caller: Caller | undefined;
  /** Whether there is anything to sign out of. */
  hasSession: boolean;
}

export function lookOf(c: Context<ApiEnv>, clock: Clock): Look {
  const { pathname, searchParams } = new URL(c.req.url);
  const at = searchParams.get(AS_OF);
  const asOf = at === null || Number.isNaN(Date.parse(at)) ? undefined : lookedAt(new Date(at));
  const caller: Caller | undefined = c.get("caller");
  return {
    path: pathname,
    query: searchParams,
    now: asOf ?? clock.now(),
    present: clock.now(),
    asOf,
    zone: knownZone(zoneOf(c)),
    caller,
    hasSession: caller !== undefined && caller.name !== "local",
  };
}

/** The address that was asked for. One that begins with two slashes would be another host's. */
export function ownAddress(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  return pathname.replace(/^\/+/, "/") + search;
}

type Parameters = Record<string, string | readonly string[] | undefined>;

/** An address here; the moment that is shown stays on every one. */
export function href(look: Look, path: string, parameters: Parameters = {}): string {
  // A hundred rows have a link each, and most of these say nothing more.
  if (!look.asOf && Object.keys(parameters).length === 0) return path;
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    for (const one of [value ?? []].flat()) if (one !== "") asked.append(name, one);
  if (look.asOf && !(AS_OF in parameters)) asked.set(AS_OF, look.asOf.toISOString());
  const text = asked.toString();
  // A comma and a colon need no percent sign, and people read addresses.
  return text === "" ? path : `${path}?${text.replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}

/** This view with some of its parameters otherwise; an empty one is left out, and a cursor is of the old ones. */
export function here(look: Look, more: Parameters, path = look.path): string {
  const kept: Parameters = {};
  for (const name of look.query.keys())
    if (name !== "cursor") kept[name] = look.query.getAll(name).filter((one) => one !== "");
  return href(look, path, { ...kept, ...more });
}
