import { randomBytes } from "node:crypto";

const GREGORIAN_TO_UNIX_MS = 12_219_292_800_000n;
const TICKS_PER_MS = 10_000n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string) => UUID.test(text);

/** Where an event id stands among others: its time, then its last eight bytes. */
export interface IdOrder {
  /** 100 ns ticks since 1582-10-15: 60 bits. */
  ts: bigint;
  /** As a signed number that sorts as Cassandra sorts the bytes: each byte signed, the first one first. */
  rest: bigint;
}

export function orderOf(eventId: string): IdOrder {
  const [low = "", mid = "", high = "", ...rest] = eventId.split("-");
  return {
    ts: ((BigInt(`0x${high}`) & 0x0fffn) << 48n) | (BigInt(`0x${mid}`) << 32n) | BigInt(`0x${low}`),
    // Flipping the top bit of a byte makes signed order unsigned; a bigint's own top byte is signed already.
    rest: BigInt.asIntN(64, BigInt(`0x${rest.join("")}`) ^ 0x0080_8080_8080_8080n),
  };
}

export interface EventIds {
  /** Later than any id before it, for as long as the clock does not go back. */
  next(now: Date): string;
  /** Of that millisecond, whatever came before. */
  at(time: Date): string;
}

/** Cassandra's timeuuids. The random half keeps ids of two runs apart that fall on the same tick. */
export function eventIds(): EventIds {
  let tail = randomTail();
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastTicks = -1n;
  let count = 0n;

  return {
    next(now) {
      const ms = now.getTime();
      const ticks = ticksOf(ms);
      if (ms < lastMs) {
        tail = randomTail();
        lastTicks = ticks;
      } else {
        lastTicks = ticks > lastTicks ? ticks : lastTicks + 1n;
      }
      lastMs = ms;
      return format(lastTicks, tail);
    },
    at(time) {
      count = (count + 1n) % TICKS_PER_MS;
      return format(ticksOf(time.getTime()) + count, randomTail());
    },
  };
}

const ticksOf = (unixMs: number) => (BigInt(unixMs) + GREGORIAN_TO_UNIX_MS) * TICKS_PER_MS;

/** Clock sequence with the variant bits, and a node that is marked as no network card's. */
function randomTail() {
  const hex = randomBytes(8).toString("hex");
  const clock = ((Number.parseInt(hex.slice(0, 4), 16) & 0x3fff) | 0x8000).toString(16);
  const node = (Number.parseInt(hex.slice(4, 6), 16) | 0x01).toString(16).padStart(2, "0");
  return `${clock}-${node}${hex.slice(6)}`;
}

function format(ticks: bigint, tail: string) {
  const hex = ticks.toString(16).padStart(15, "0");
  return `${hex.slice(7)}-${hex.slice(3, 7)}-1${hex.slice(0, 3)}-${tail}`;
}
