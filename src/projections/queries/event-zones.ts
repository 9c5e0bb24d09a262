import type { Pool } from "../../database/connect.ts";
import { knownZone, runtimeDifferences } from "../../lib/zones.ts";

interface EventsOfZone {
  timezone: string | null;
  events: number;
  /** The first of them. */
  eventIds: string[];
}

export interface EventZones {
  /** Events to come whose clocks are taken for UTC's, by what Vivenu says of their timezone. */
  unknown: EventsOfZone[];
  /** Their zones in which the runtime's own clocks show something else than ours. */
  runtimeDiffers: string[];
}

export function eventZonesReader(sql: Pool) {
  return async (now: Date): Promise<EventZones> => {
    const zones = await sql<EventsOfZone[]>`
      select
        timezone, count(*)::int as events,
        (array_agg(event_id order by start_at, event_id))[1:10] as event_ids
      from event where deleted_at is null and end_at > ${now}
      group by timezone order by timezone
    `;
    const known = zones.flatMap(({ timezone }) => knownZone(timezone) ?? []);
    return {
      unknown: zones.filter(({ timezone }) => knownZone(timezone) === null),
      runtimeDiffers: runtimeDifferences(now, known),
    };
  };
}
