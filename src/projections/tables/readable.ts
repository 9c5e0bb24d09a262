import type { EventUpdated } from "../../contracts/index.ts";
import { Failure } from "../../lib/failure.ts";
import { believed, kindOfInstant, readableEnd, unreadableOf } from "../../lib/written-instant.ts";

/**
 * A description whose times can be dates of an event: what means "always" or "never" is an open end, and
 * what cannot be a date is empty and named. Facts that were recorded before intake looked at this hold
 * any instant. Throws `malformed` where an event has no start or end that can be.
 */
export function readable(said: EventUpdated): EventUpdated {
  for (const field of ["start", "end"] as const)
    if (kindOfInstant(said[field]) !== "instant")
      throw new Failure("malformed", `${field} is no date that an event can have`);
  const unreadable = [...(said.unreadable ?? [])];
  const end = (time: string | null, field: string) =>
    readableEnd(time, () => unreadable.push(field));
  const updatedAt = believed(said.updatedAt, said.observedAt);
  if (updatedAt !== said.updatedAt) unreadable.push("updatedAt");
  const times = {
    updatedAt,
    createdAt: end(said.createdAt, "createdAt"),
    sellStart: end(said.sellStart, "sellStart"),
    sellEnd: end(said.sellEnd, "sellEnd"),
    visibleAfter: end(said.visibleAfter, "visibleAfter"),
    underShops: said.underShops.map((shop) => {
      const sellStart = end(shop.sellStart, `underShops.${shop.underShopId}.sellStart`);
      const sellEnd = end(shop.sellEnd, `underShops.${shop.underShopId}.sellEnd`);
      const isAsSaid = sellStart === shop.sellStart && sellEnd === shop.sellEnd;
      return isAsSaid ? shop : { ...shop, sellStart, sellEnd };
    }),
  };
  return { ...said, ...times, ...unreadableOf(unreadable) };
}
