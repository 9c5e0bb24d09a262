import type { NewFact, SalesChanged } from "../src/contracts/index.ts";
import {
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../test/support/facts.ts";
import { percentile } from "./load.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 0, 1);
/** One fact in so many describes an event, all others count one. */
const DESCRIPTION_EVERY = 100;
/** From one count to the next so many ticket types sell something. */
const CHANGED = 3;

/**
 * - `whole`    every count names all ticket types of its event, as logs did before `sales.changed.0`
 * - `changed`  a count names those that changed, but for the first of each event and one a day
 */
export type LogKind = "whole" | "changed";

export interface Season {
  facts: number;
  kind: LogKind;
  events?: number;
  /** An event has at least and at most so many ticket types. */
  types?: readonly [number, number];
}

export const describeSeason = ({ kind, events = 40, types: [least, most] = [20, 165] }: Season) =>
  `${events} events of ${least} to ${most} ticket types; ${CHANGED} change from count to count and one ` +
  `fact in ${DESCRIPTION_EVERY} is a description in which one changed; ` +
  (kind === "whole" ? "every count names all" : "a count names what changed, one a day all");

interface Played {
  eventId: string;
  sold: number[];
  amounts: number[];
  countedOn: string;
  isDescribed: boolean;
}

/** A season's facts in the order in which they would be recorded, a minute apart. */
export function* generateFacts({
  facts,
  kind,
  events = 40,
  types: [least, most] = [20, 165],
}: Season): Generator<NewFact> {
  const season = Array.from({ length: events }, (_, n): Played => {
    const types = least + ((n * 37) % (most - least + 1));
    return {
      eventId: `68f0000000000000000${(10_000 + n).toString()}`,
      sold: new Array<number>(types).fill(0),
      amounts: new Array<number>(types).fill(1_000),
      ...{ countedOn: "", isDescribed: false },
    };
  });
  for (let n = 0; n < facts; n += 1) {
    const event = season[(n * 7) % events];
    if (!event) return;
    const at = new Date(START + n * MINUTE_MS).toISOString();
    if (!event.isDescribed || n % DESCRIPTION_EVERY === 0) yield description(event, at, n);
    else yield count(event, { at, n, kind });
  }
}

const typeIdOf = ({ eventId }: Played, index: number) =>
  `${eventId.slice(0, 20)}${(1_000 + index).toString()}`;

function description(event: Played, at: string, n: number) {
  const index = n % event.amounts.length;
  event.amounts[index] = (event.amounts[index] ?? 0) + 10;
  event.isDescribed = true;
  return eventUpdated({
    eventId: event.eventId,
    name: `HYROX ${event.eventId.slice(-3)}`,
    ...{ updatedAt: at, observedAt: at },
    ticketTypes: event.amounts.map((amount, type) =>
      ticketType({
        ...{ ticketTypeId: typeIdOf(event, type), amount },
        name: `HYROX MEN ${type} | Saturday`,
      }),
    ),
  });
}

function count(event: Played, { at, n, kind }: { at: string; n: number; kind: LogKind }) {
  const sold = new Set(
    Array.from({ length: CHANGED }, (_, k) => (n * 13 + k * 31) % event.sold.length),
  );
  for (const index of sold) event.sold[index] = (event.sold[index] ?? 0) + 1;
  const day = at.slice(0, 10);
  const isWhole = kind === "whole" || event.countedOn !== day;
  event.countedOn = day;
  const types = [...event.sold.keys()].filter((index) => isWhole || sold.has(index));
  const said: Partial<SalesChanged> = {
    eventId: event.eventId,
    ...{ countedAt: at, observedAt: at },
    idempotencyKey: `sales.counted/DACH/${event.eventId}/${at}`,
    ticketTypes: types.map((index) =>
      typeCount({
        ...{ ticketTypeId: typeIdOf(event, index), sold: event.sold[index] ?? 0 },
        newSales: sold.has(index) ? { [at.slice(0, 13)]: 1 + (n % 9) } : {},
      }),
    ),
  };
  return isWhole ? salesCounted(said) : salesChanged(said);
}

export function sizesOf(bytes: number[]): string {
  bytes.sort((a, b) => a - b);
  const kb = (size: number) => `${(size / 1_000).toFixed(1)} kB`;
  return `median ${kb(percentile(bytes, 0.5))}, p99 ${kb(percentile(bytes, 0.99))}, largest ${kb(bytes.at(-1) ?? 0)}`;
}
