import type { ICalEventStatus } from "ical-generator";
import { printable } from "../../lib/printable.ts";
import { dayAt } from "../../lib/zones.ts";
import type { LaunchRow } from "../../projections/queries/row-types.ts";
import type { LaunchProblem } from "../../rules/launch-readiness.ts";

const HOUR_S = 3_600;
/** So many ticket types are named; the others are only counted. */
const MOST_NAMED = 5;
/** A text is cut behind so many letters; its control characters go, which RFC 5545 has in none. */
const LONGEST = 10_000;

/**
 * Launches as iCalendar. What is the same is the same text, whenever it is asked for; a launch that is
 * moved keeps its UID and has a higher SEQUENCE, so that a calendar moves its entry.
 */
export async function launchCalendar(launches: readonly LaunchRow[]): Promise<string> {
  // Most processes never write one.
  const { default: ical, ...names } = await import("ical-generator");
  const calendar = ical({
    name: "Sales launches",
    prodId: { company: "vivenu-event-monitor", product: "launches", language: "EN" },
    method: names.ICalCalendarMethod.PUBLISH,
    // Calendars ask for it again as often.
    ttl: HOUR_S,
  });
  for (const launch of launches)
    calendar.createEvent({
      id: `launch-${launch.eventId}@vivenu-event-monitor`,
      sequence: launch.moves.length,
      stamp: new Date(launch.lastUpdated),
      lastModified: new Date(launch.lastUpdated),
      start: new Date(launch.salesLaunchDate),
      summary: printable(`Sales launch: ${launch.eventName}`, LONGEST),
      location: launch.location && printable(launch.location, LONGEST),
      description: printable(descriptionOf(launch), LONGEST),
      status: names.ICalEventStatus[statusOf(launch)],
      // Nobody is busy because a sale begins.
      transparency: names.ICalEventTransparency.TRANSPARENT,
    });
  // RFC 5545 ends every line, the last one too, and strict readers refuse a calendar without; the package does not.
  return `${calendar.toString()}\r\n`;
}

function statusOf({ status }: LaunchRow): keyof typeof ICalEventStatus {
  if (status === "CANCELLED") return "CANCELLED";
  return status === "DRAFT" ? "TENTATIVE" : "CONFIRMED";
}

const descriptionOf = ({ region, eventDate, timezone, totalCapacity, problems }: LaunchRow) =>
  [
    `Region: ${region}`,
    `Race: ${dayAt(new Date(eventDate), timezone)}`,
    ...(totalCapacity === null ? [] : [`Places: ${totalCapacity}`]),
    ...problems.map(sentenceOf),
  ].join("\n");

const sentences = {
  noRaces: () => "Not ready: it has no ticket types in its totals.",
  noPrice: (types: string) => `Not ready: without a price: ${types}.`,
  inactive: (types: string) => `Not ready: switched off: ${types}.`,
  noCapacity: (types: string) => `Not ready: without places: ${types}.`,
} satisfies Record<LaunchProblem["problem"], (types: string) => string>;

function sentenceOf({ problem, ticketTypes }: LaunchProblem) {
  const named = ticketTypes.slice(0, MOST_NAMED).map(({ ticketName }) => ticketName);
  const others = ticketTypes.length - named.length;
  return sentences[problem]([...named, ...(others > 0 ? [`${others} more`] : [])].join(", "));
}
