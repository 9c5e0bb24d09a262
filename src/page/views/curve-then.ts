import type { EventRow, SoldCurve } from "../../projections/queries/row-types.ts";

/**
 * A curve in percent of the places that there were: of an earlier moment an event may have had fewer than now, by
 * which curves are read. The same object where it had as many.
 */
export function curveThen(
  curve: SoldCurve | undefined,
  { totalCapacity }: Pick<EventRow, "totalCapacity">,
): SoldCurve | undefined {
  // Before its first count nobody knows how many there were.
  if (!curve || !totalCapacity || totalCapacity === curve.capacity) return curve;
  const times = curve.capacity / totalCapacity;
  return {
    ...curve,
    capacity: totalCapacity,
    points: curve.points.map(({ at, percent }) => ({ at, percent: percent * times })),
  };
}
