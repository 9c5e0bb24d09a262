import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { isZone } from "../../lib/zones.ts";

/** The cookie by which the page's script tells whose clock its reader has. */
export const ZONE_COOKIE = "tz";

/** The reader's zone, where it is known. */
export function zoneOf(c: Context): string | null {
  const name = getCookie(c, ZONE_COOKIE);
  return name !== undefined && isZone(name) ? name : null;
}
