import { Problem } from "./problem.ts";
import { isUuid, orderOf } from "./uuid-v1.ts";

/** A place in the order of events; `seq` tells copies of one id apart. */
export interface Place {
  ts: bigint;
  rest: bigint;
  seq: bigint;
}

/** What lies behind `after` and up to `upTo`. */
export interface Range {
  after: Place;
  upTo: Place;
  /** The cursor came with an empty page: a second one would be no progress. */
  behindEmptyPage: boolean;
}

export interface Boundaries {
  cursor?: string | undefined;
  fromEventId?: string | undefined;
  afterEventId?: string | undefined;
  toEventId?: string | undefined;
}

const LAST = 2n ** 63n - 1n;
const START: Place = { ts: -1n, rest: 0n, seq: 0n };
const END: Place = { ts: LAST, rest: LAST, seq: LAST };

// Probe: flowcore/boundaries.
export function rangeOf({ cursor, fromEventId, afterEventId, toEventId }: Boundaries): Range {
  const first = fromEventId ? before(fromEventId) : afterEventId ? behind(afterEventId) : START;
  const { place = first, behindEmptyPage = false } = cursor ? decodeCursor(cursor) : {};
  return {
    after: later(place, first),
    behindEmptyPage,
    upTo: toEventId ? behind(toEventId) : END,
  };
}

export const encodeCursor = ({ ts, rest, seq }: Place, { emptyPage = false } = {}) =>
  Buffer.from(`${ts}.${rest}.${seq}${emptyPage ? ".empty" : ""}`).toString("base64url");

function decodeCursor(cursor: string) {
  const text = Buffer.from(cursor, "base64url").toString();
  const [, ts, rest, seq, empty] =
    /^(-1|\d{1,19})\.(-?\d{1,19})\.(\d{1,19})(\.empty)?$/.exec(text) ?? [];
  // Probe: flowcore/bad-cursor.
  if (!ts || !rest || !seq) throw new Problem(422, "Invalid cursor");
  return {
    place: { ts: BigInt(ts), rest: BigInt(rest), seq: BigInt(seq) },
    behindEmptyPage: empty !== undefined,
  };
}

const before = (eventId: string): Place => ({ ...checked(eventId), seq: 0n });
const behind = (eventId: string): Place => ({ ...checked(eventId), seq: LAST });

function checked(eventId: string) {
  if (!isUuid(eventId)) throw new Problem(422, `Invalid event id ${eventId}`);
  return orderOf(eventId);
}

function later(one: Place, other: Place): Place {
  for (const key of ["ts", "rest", "seq"] as const) {
    if (one[key] !== other[key]) return one[key] > other[key] ? one : other;
  }
  return one;
}
