import type { Pool } from "../../database/connect.ts";
import type { SoldByHour } from "../../rules/pace.ts";
import { readRevisions } from "./revisions.ts";
import { revisionReader } from "./rows-revision.ts";
import { readSellingEvents, type SellingEvent } from "./selling-events.ts";
import type { ReadingOptions } from "./shown.ts";
import { readSoldHours } from "./sold-hours.ts";

/** An event's sale as it is remembered until something of the event becomes otherwise. */
export interface Remembered {
  selling: SellingEvent;
  /** Read when it is first needed. */
  hours?: SoldByHour;
}

interface Entry extends Remembered {
  revision: string | undefined;
}

export interface PaceBookOptions extends ReadingOptions {
  countedClasses: readonly string[];
}

export interface PaceBook {
  /** Of every event what its sale is. */
  events(options: PaceBookOptions): Promise<ReadonlyMap<string, Remembered>>;
  /** Sees to it that the hours of these events are there. */
  fill(events: readonly Remembered[]): Promise<void>;
}

/**
 * The sales of all events, remembered by each event's revision: where nothing became otherwise nothing is
 * read but whether anything did, and where something did, the events alone that it is of.
 */
export function paceBook(sql: Pool): PaceBook {
  const readRevision = revisionReader(sql);
  let known = new Map<string, Entry>();
  let madeOf: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  return {
    events(options) {
      const mine = last.then(() => refresh(options));
      last = mine.catch(() => {});
      return mine;
    },
    async fill(events) {
      const missing = events.filter(({ hours }) => hours === undefined);
      const found = await readSoldHours(
        sql,
        missing.map(({ selling: { row, typeIds } }) => ({
          ...{ eventId: row.eventId, typeIds, since: new Date(0) },
        })),
      );
      for (const one of missing) {
        const hours = found.get(one.selling.row.eventId)?.hours ?? [];
        const sold = hours.filter(({ newSales }) => newSales > 0);
        one.hours = { at: sold.map(({ at }) => at), tickets: sold.map(({ newSales }) => newSales) };
      }
    },
  };

  async function refresh(options: PaceBookOptions) {
    const revision = await readRevision(options.now);
    if (revision !== undefined && revision === madeOf) return known;
    // Read before the rows: what comes in between is read again at the next look.
    const revisions = await readRevisions(sql);
    const { countedClasses: classes } = options;
    const changed = [...revisions].flatMap(([id, of]) =>
      known.get(id)?.revision === of ? [] : id,
    );
    const isUnsure = revision === undefined || known.size === 0;
    const read = await readSellingEvents(
      sql,
      { classes, limit: MOST, ...(!isUnsure && { eventIds: changed }) },
      options,
    );
    const entries = read.map((selling): [string, Entry] => [
      selling.row.eventId,
      { selling, revision: revisions.get(selling.row.eventId) },
    ]);
    known = new Map(isUnsure ? entries : [...known, ...entries]);
    madeOf = revision;
    return known;
  }
}

/** More than there are. */
const MOST = 1_000_000;
