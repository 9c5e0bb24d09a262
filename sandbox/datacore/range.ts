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

export function rangeOf({ cursor, fromEventId, afterEventId, toEventId }: Boundaries): Range {
  const first = fromEventId ? before(fromEventId) : afterEventId ? behind(afterEventId) : START;
  return {
    after: cursor ? later(decodeCursor(cursor), first) : first,
    upTo: toEventId ? behind(toEventId) : END,
  };
}

export const encodeCursor = ({ ts, rest, seq }: Place) =>
  Buffer.from(`${ts}.${rest}.${seq}`).toString("base64url");

function decodeCursor(cursor: string): Place {
  const text = Buffer.from(cursor, "base64url").toString();
  const [, ts, rest, seq] = /^(\d{1,19})\.(-?\d{1,19})\.(\d{1,19})$/.exec(text) ?? [];
  if (!ts || !rest || !seq) throw new Problem(422, "Invalid cursor");
  return { ts: BigInt(ts), rest: BigInt(rest), seq: BigInt(seq) };
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
