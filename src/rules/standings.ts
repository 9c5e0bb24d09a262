import { type EventForStatus, type EventStatus, statusOf } from "./event-status.ts";
import { msOf } from "./instant.ts";

/** What an event's status is from one instant to the next. */
export interface Standing extends Pick<EventStatus, "status" | "presale" | "limited"> {
  /** In milliseconds; null where it has been so for ever. */
  from: number | null;
}

const BEGINNING = new Date(-8_640_000_000_000_000);

/**
 * Every status that an event will have by the clock alone, oldest first: a status turns at no other
 * instant than those which the event names.
 */
export function standingsOf(event: EventForStatus): Standing[] {
  const named = [event.end, event.sellStart, event.sellEnd, event.visibleAfter];
  const ofShops = event.underShops.flatMap(({ sellStart, sellEnd }) => [sellStart, sellEnd]);
  const times = [...named, ...ofShops].map((at) => (at === null ? Number.NaN : msOf(at)));
  const instants = new Set(times.filter(Number.isFinite));
  const standings: Standing[] = [];
  for (const from of [null, ...[...instants].sort((a, b) => a - b)]) {
    const now = from === null ? BEGINNING : new Date(from);
    const { status, presale, limited } = statusOf(event, now);
    const before = standings.at(-1);
    const isSame =
      before?.status === status && before.presale === presale && before.limited === limited;
    if (!isSame) standings.push({ from, status, presale, limited });
  }
  return standings;
}

export function standingAt([first, ...later]: readonly Standing[], now: Date): Standing {
  if (first === undefined) throw new Error("an event has a status at any time");
  return later.findLast(({ from }) => from !== null && from <= now.getTime()) ?? first;
}
