import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "../api/request/problem.ts";
import { zoneOf } from "../api/request/viewer.ts";
import type { Clock } from "../lib/clock.ts";
import { instantOfWallClock, sameTimeAfter } from "../lib/zones.ts";
import { AS_OF, DAY, here, lookOf } from "./look.ts";

/** What the slider sends: so many days ago. */
const WHOLE_DAYS = /^(0|-[1-9]\d{0,3})$/;

/** What a browser's field for a moment sends: no zone says whose. */
const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;

/**
 * A moment by the reader's clock becomes an instant in the address, so that it is the same one for whoever it
 * is sent to. One that is still to come is now.
 */
export const asInstant =
  (clock: Clock): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const days = c.req.query(DAY);
    if (days !== undefined && WHOLE_DAYS.test(days)) {
      const now = clock.now();
      const at = sameTimeAfter(now, Number(days), zoneOf(c));
      const shown = at < now ? at.toISOString() : [];
      return c.redirect(here(lookOf(c, clock), { [AS_OF]: shown, [DAY]: [] }), 302);
    }
    const said = c.req.query(AS_OF);
    if (said === undefined || !LOCAL.test(said)) return next();
    const instant = instantOfWallClock(said, zoneOf(c));
    if (!isDay(said) || Number.isNaN(instant.getTime())) return next();
    const at = instant < clock.now() ? instant.toISOString() : [];
    return c.redirect(here({ ...lookOf(c, clock), asOf: undefined }, { [AS_OF]: at }), 302);
  };

/** The 30th of February would become a day of March. */
const isDay = (said: string) =>
  !Number.isNaN(Date.parse(`${said}Z`)) &&
  new Date(`${said}Z`).toISOString().startsWith(said.slice(0, 10));
