import type { RowMessage, RowPlace } from "../../projections/queries/row-types.ts";
import type { Caller } from "../request/callers.ts";
import { shownChange } from "./change-schema.ts";

/** How far somebody has come: all up to a position, and of the message at it so many changes. */
export interface Heard extends RowPlace {
  /** Undefined where all of the message was heard. */
  changes?: number | undefined;
}

export interface Followed {
  region?: readonly string[] | undefined;
  eventId?: readonly string[] | undefined;
}

/** What is asked for, as far as the caller may see it; where that is nothing, nothing is told. */
export const followedBy = (
  { accounts, events }: Caller,
  { region, eventId }: Followed,
): Followed => ({ region: both(region, accounts), eventId: both(eventId, events) });

const both = (one: readonly string[] | undefined, other: readonly string[] | undefined) =>
  one && other ? one.filter((value) => other.includes(value)) : (one ?? other);

const ID = /^(\d{1,15})(?:\.(\d{1,9}))?-([0-9a-f]{1,32})$/;

/** Undefined where it is none of ours. */
export function heardOf(id: string): Heard | undefined {
  const [, position, changes, mark] = ID.exec(id) ?? [];
  if (position === undefined || mark === undefined) return undefined;
  return {
    position: Number(position),
    mark,
    changes: changes === undefined ? undefined : Number(changes),
  };
}

export const idOf = ({ position, mark, changes }: Heard) =>
  `${position}${changes === undefined ? "" : `.${changes}`}-${mark}`;

const REBUILT = "rebuilt";

/**
 * A message as server-sent events: its changes one by one, and then what of the rows is otherwise. Each has
 * an id of its own, so that who was cut off between two of them goes on there.
 */
export function* framesOf(
  message: RowMessage,
  followed: Followed,
  heardChanges = 0,
): Generator<string> {
  const { position, mark, kinds } = message;
  const of = { position, mark };
  if (kinds.includes(REBUILT)) return yield resetFrame(of, "rebuilt");
  for (const [index, change] of message.changes.entries())
    if (change && index >= heardChanges && isFollowed(followed, change))
      yield frame("change", idOf({ ...of, changes: index + 1 }), shownChange(change));
  const events = message.events.filter((event) => isFollowed(followed, event));
  const polled = followed.eventId
    ? []
    : message.regions.filter((region) => followed.region?.includes(region) ?? true);
  const kindsOf = kinds.filter((kind) => (kind === "poll" ? polled : events).length > 0);
  if (kindsOf.length === 0) return;
  const eventIds = events.map(({ eventId }) => eventId);
  const regions = [...new Set([...events.flatMap(({ region }) => region ?? []), ...polled])];
  yield frame("rows", idOf(of), { position, kinds: kindsOf, eventIds, regions });
}

/** What was heard before says nothing any more: read all anew. */
export const resetFrame = (at: RowPlace, reason: "unknown" | "behind" | "rebuilt") =>
  frame("reset", idOf(at), { position: at.position, reason });

/** Says nothing but how far the stream has come: what is not followed is not gone through again. */
export const placeFrame = (at: RowPlace) => `: ping\nid: ${idOf(at)}\n\n`;

const frame = (event: string, id: string, told: object) =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(told)}\n\n`;

const isFollowed = (
  { region, eventId }: Followed,
  of: { eventId: string; region: string | null },
) =>
  (region === undefined || (of.region !== null && region.includes(of.region))) &&
  (eventId === undefined || eventId.includes(of.eventId));
