import type { NewFact } from "../src/contracts/index.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../test/facts.ts";
import { percentile } from "./load.ts";

const EVENTS = 100;
const MINUTE_MS = 60_000;

/**
 * A season's facts of realistic size, 2 kB in the median and 30 kB at most: nine counts to each
 * description, most of few ticket types, some of many.
 */
export function* generateFacts(count: number): Generator<NewFact> {
  const start = Date.UTC(2026, 0, 1);
  for (let n = 0; n < count; n += 1) {
    const at = new Date(start + n * MINUTE_MS).toISOString();
    const eventId = `68f0000000000000000${(1_000 + ((n * 7) % EVENTS)).toString().padStart(5, "0")}`;
    const types = n % 50 === 0 ? 100 : 4 + (n % 10);
    const ids = Array.from(
      { length: types },
      (_, index) => `${eventId.slice(0, 21)}${index.toString().padStart(3, "0")}`,
    );
    yield n % 10 === 0 ? description(eventId, at, ids, n) : counted(eventId, at, ids, n);
  }
}

const description = (eventId: string, at: string, ids: string[], n: number) =>
  eventUpdated({
    eventId,
    name: `HYROX ${eventId.slice(-3)}`,
    updatedAt: at,
    observedAt: at,
    ticketTypes: ids.map((ticketTypeId, index) =>
      ticketType({ ticketTypeId, name: `HYROX MEN ${index} | Saturday`, amount: 100 + (n % 7) }),
    ),
  });

const counted = (eventId: string, at: string, ids: string[], n: number) =>
  salesCounted({
    eventId,
    countedAt: at,
    observedAt: at,
    idempotencyKey: `sales.counted/DACH/${eventId}/${at}`,
    ticketTypes: ids.map((ticketTypeId, index) =>
      typeCount({
        ticketTypeId,
        sold: n + index,
        newSales: { [at.slice(0, 13)]: (n + index) % 9 },
      }),
    ),
  });

export function sizesOf(bytes: number[]): string {
  bytes.sort((a, b) => a - b);
  const kb = (size: number) => `${(size / 1_000).toFixed(1)} kB`;
  return `median ${kb(percentile(bytes, 0.5))}, p99 ${kb(percentile(bytes, 0.99))}, largest ${kb(bytes.at(-1) ?? 0)}`;
}
