import type { Pool, Sql } from "../../database/connect.ts";
import { together } from "../../lib/together.ts";
import type { SoldByHour } from "../../rules/pace.ts";
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
  wording: string | undefined;
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
 * The sales of all events, remembered by event: where nothing became otherwise nothing is
 * read but whether anything did, and where something did, the events alone that it is of.
 */
export function paceBook(sql: Pool): PaceBook {
  const readRevision = revisionReader(sql);
  let known = new Map<string, Entry>();
  let madeOf: string | undefined;
  let asked: PaceBookOptions;
  const lookAnew = together(() => refresh(asked));

  return {
    events(options) {
      asked = options;
      return lookAnew();
    },
    async fill(events) {
      const missing = events.filter(({ hours }) => hours === undefined);
      const found = await readSoldHours(
        sql,
        missing.map(({ selling: { row, typeIds } }) => ({
          eventId: row.eventId,
          typeIds,
          since: new Date(0),
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
    const wording = await readWording(sql);
    const changed = [...wording].flatMap(([id, of]) => (known.get(id)?.wording === of ? [] : id));
    const isFirst = known.size === 0;
    const { countedClasses: classes } = options;
    const read = await readSellingEvents(
      sql,
      { classes, limit: MOST, ...(!isFirst && { eventIds: changed }) },
      options,
    );
    const entries = read.map((selling): [string, Entry] => [
      selling.row.eventId,
      { selling, wording: wording.get(selling.row.eventId) },
    ]);
    known = new Map([...known, ...entries]);
    madeOf = revision;
    return known;
  }
}

/** By event what is another whenever its rows or its hours are, also by a replay or by other settings. */
async function readWording(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<{ eventId: string; wording: string }[]>`
    select event_id, concat_ws(' ', digest, made_of, newest.revision) as wording
    from event_shown
    -- Together, and not one by one: their ids are of different collations, so that no index is used.
    left join (
      select event_id, max(revision) as revision from derived_event group by event_id
    ) newest using (event_id)
  `;
  return new Map(rows.map(({ eventId, wording }) => [eventId, wording]));
}

/** More than there are. */
const MOST = 1_000_000;
