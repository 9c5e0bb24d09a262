import type { Pool } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import { knownZone } from "../../lib/zones.ts";
import type { EventColumns } from "../tables/event-state.ts";
import { readHeadsAt } from "../tables/events-at.ts";
import { headKeysOf } from "../tables/list-keys.ts";
import { headRowOf } from "../tables/made-rows.ts";
import { type ShownOptions, shownEventOnceOf, shownOnceOf } from "../tables/made-shown.ts";
import type { RowsMemory } from "../tables/remembered-rows.ts";
import { allEvents, eachEventAt } from "./rows-at.ts";

/** Of the tables as they were, the one that is asked for. */
export type Needed = "events" | "ticket types";

export interface InstantOptions extends ShownOptions {
  /** Of what is so now, so that of each instant only what was otherwise is read. */
  memory?: RowsMemory;
}

/** An event's rows, each as JSON. */
export interface MadeThen {
  eventId: string;
  event: string;
  /** Undefined where nobody asked for ticket types: they are thirty times as much. */
  types: string[] | undefined;
  /** The ticket types that its totals hold. */
  inTotals: readonly string[];
}

/** The rows of one instant: made of an event when they are asked for first. */
export function instantRows(sql: Pool, at: Date, { memory, ...options }: InstantOptions) {
  const made = new Map<string, MadeThen>();
  let all: readonly string[] | undefined;
  let heads: string[] | undefined;
  let size = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** Whoever asks while rows are being made waits for the same. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = last.catch(() => {}).then(work);
    last = mine;
    return mine;
  }

  async function make(need: Needed, eventIds: readonly string[]) {
    const missing = eventIds.filter((eventId) => {
      const known = made.get(eventId);
      return !known || (need === "ticket types" && known.types === undefined);
    });
    if (missing.length === 0) return;
    const found = await eachEventAt(sql, { at, wanted: missing, memory }, (event) =>
      need === "events"
        ? madeOf({ ...shownEventOnceOf(event, options), types: undefined })
        : madeOf(shownOnceOf(event, options)),
    );
    for (const one of found) {
      size += sizeOf(one) - sizeOf(made.get(one.eventId));
      made.set(one.eventId, one);
    }
  }

  return {
    /** In characters. */
    size: () => size,
    make: (need: Needed, eventIds?: readonly string[]): Promise<MadeThen[]> =>
      inTurn(async () => {
        all ??= eventIds ? undefined : await allEvents(sql);
        const wanted = eventIds ?? all ?? [];
        await make(need, wanted);
        // One that had not been described by then has no rows.
        return wanted.flatMap((eventId) => made.get(eventId) ?? []);
      }),
    heads: (): Promise<string[]> =>
      inTurn(async () => {
        if (!heads) {
          const found = await sql.begin(ONE_SNAPSHOT, async (tx) =>
            readHeadsAt(tx, await allEvents(tx), at),
          );
          heads = found.flatMap((event) => headOf(event, options));
          size += heads.reduce((sum, head) => sum + head.length, 0);
        }
        return heads;
      }),
  };
}

interface Shown extends Pick<MadeThen, "inTotals"> {
  event: { event_id: string };
  types: readonly object[] | undefined;
}

const madeOf = ({ event, types, inTotals }: Shown): MadeThen => ({
  eventId: event.event_id,
  event: JSON.stringify(event),
  types: types?.map((type) => JSON.stringify(type)),
  inTotals,
});

const sizeOf = (one: MadeThen | undefined) =>
  one ? one.event.length + (one.types ?? []).reduce((sum, { length }) => sum + length, 0) : 0;

/** What an event says by itself, as its row has it; one that cannot be shown has none. */
function headOf(event: EventColumns, { onFault }: ShownOptions): string[] {
  const { eventId, account, currency, startAt } = event;
  try {
    const eventDate = startAt.toISOString();
    const row = headRowOf(event, { eventDate, timezone: knownZone(event.timezone) });
    const head = {
      ...{ event_id: eventId, account, start_at: eventDate, document: {} },
      ...headKeysOf({ ...row, currency }),
      deleted: event.deletedAt !== null,
    };
    return [JSON.stringify(head)];
  } catch (error) {
    onFault?.(eventId, error);
    return [];
  }
}
