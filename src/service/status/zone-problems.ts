import { isZoneDataOld, zoneData } from "../../lib/zones.ts";
import type { EventZones } from "../../projections/queries/event-zones.ts";

const names = `The zone data ${zoneData.version} (${zoneData.package})`;

export const zoneProblems = (now: Date) =>
  isZoneDataOld(now) ? [`${names} is old: deploy a newer version of this service.`] : [];

/** Notes, because only whoever keeps the event in Vivenu can mend it. */
export const zoneNotes = ({ unknown }: EventZones) =>
  unknown.map(({ timezone, events, eventIds }) => {
    const why =
      timezone === null ? "Vivenu says no timezone" : `${names} knows no timezone ${timezone}`;
    const which = `${events} ${events === 1 ? "event" : "events"}`;
    return `${why} for ${which}, whose local times are UTC's. Correct it in Vivenu: ${eventIds.join(", ")}.`;
  });
