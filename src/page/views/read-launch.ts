import type { ApiOptions } from "../../api/app.ts";
import { dayAt } from "../../lib/zones.ts";
import type {
  ChangeRow,
  EventRow,
  LaunchRow,
  TicketTypeRow,
} from "../../projections/queries/row-types.ts";
import type { Point } from "../chart/paths.ts";

const MINUTE_MS = 60_000;
/** So long a launch is looked at minute by minute. */
const LIVE_MINUTES = 180;
/** Of each launch that it is compared with so many counts are read. */
const MOST_LEVELS = 500;

/** A launch that runs now, and how others ran. */
export interface LiveLaunch {
  launch: LaunchRow;
  event: EventRow;
  types: TicketTypeRow[];
  soldOut: ChangeRow[];
  minutes: number;
  own: Point[];
  others: { name: string; points: Point[] }[];
}

type Readers = Pick<ApiOptions, "readRows" | "readChanges" | "readLevels" | "readPaces">;

/** The launches of the last three hours that have begun, the newest first. */
export const runningAmong = (launches: readonly LaunchRow[], now: Date): LaunchRow[] =>
  launches
    .filter(({ salesLaunchDate, status }) => {
      const since = now.getTime() - Date.parse(salesLaunchDate);
      const isRunning = ["ON_SALE", "SOLD_OUT", "PAUSED"].includes(status);
      return isRunning && since >= 0 && since <= LIVE_MINUTES * MINUTE_MS;
    })
    .reverse();

export async function readLive(
  { readRows, readChanges, readLevels, readPaces }: Readers,
  launch: LaunchRow,
  { now, asOf }: { now: Date; asOf: Date | undefined },
): Promise<LiveLaunch | undefined> {
  const { eventId } = launch;
  const { events, ticketTypes } = await readRows({ eventId, asOf });
  const event = events.find((row) => row.eventId === eventId);
  if (!event) return undefined;
  const since = new Date(launch.salesLaunchDate);
  const [paces, changes, own] = await Promise.all([
    readPaces([event], { asOf }),
    readChanges({ eventIds: [eventId], changeTypes: ["soldOut"], since, asOf, limit: 100 }),
    minutesOf(eventId, since, launch.timezone),
  ]);
  const minutes = Math.floor((now.getTime() - since.getTime()) / MINUTE_MS);
  return {
    launch,
    event,
    types: ticketTypes,
    soldOut: changes.rows,
    minutes,
    own: own.filter(({ x }) => x <= minutes),
    others: await othersOf(paces.get(eventId)?.usual?.comparables ?? []),
  };

  async function othersOf(ids: readonly string[]) {
    const found = await Promise.all(
      ids.map(async (id) => {
        const [other] = (await readRows({ eventId: id })).events;
        if (!other?.salesLaunchDate) return [];
        const launchedAt = new Date(other.salesLaunchDate);
        return [{ name: other.eventName, points: await minutesOf(id, launchedAt, other.timezone) }];
      }),
    );
    return found.flat().filter(({ points }) => points.length > 1);
  }

  /** Percent sold by minutes since the launch. */
  async function minutesOf(id: string, launchedAt: Date, zone: string | null): Promise<Point[]> {
    const day = dayAt(launchedAt, zone);
    const until = dayAt(new Date(launchedAt.getTime() + LIVE_MINUTES * MINUTE_MS), zone);
    const levels = await readLevels(id, {
      by: "count",
      per: "event",
      from: day,
      to: until,
      limit: MOST_LEVELS,
    });
    const points = (levels?.rows ?? []).flatMap(({ at, percentSold }) =>
      percentSold === null
        ? []
        : [{ x: (Date.parse(at) - launchedAt.getTime()) / MINUTE_MS, y: percentSold }],
    );
    const within = points.filter(({ x }) => x >= 0 && x <= LIVE_MINUTES);
    return [{ x: 0, y: points.findLast(({ x }) => x < 0)?.y ?? 0 }, ...within];
  }
}
