import { rowPolicyOf } from "../../commands/build/policies.ts";
import { type Needed, tablesAsOf } from "../../projections/queries/as-of.ts";
import { tablesNow } from "../../projections/queries/lists.ts";
import type { OnEventFault } from "../../projections/queries/row-faults.ts";
import type { EventRow } from "../../projections/queries/row-types.ts";
import { readRowsAt } from "../../projections/queries/rows-at.ts";
import { revisionReader } from "../../projections/queries/rows-revision.ts";
import { readEventRows } from "../../projections/queries/shown.ts";
import { rowsMemory } from "../../projections/tables/remembered-rows.ts";
import type { ServeOptions } from "../processes/serve-options.ts";

/** What is now, of things: a page of fifty events of a hundred ticket types and their numbers twice. */
const MOST_REMEMBERED = 24_000;

interface RowsOptions extends ServeOptions {
  /** Told of an event that cannot be shown as it is now. */
  onFault: OnEventFault;
}

export type RowsThenAndNow = ReturnType<typeof rowsThenAndNow>;

/** The rows as they are, and as they were in Vivenu at an instant, which costs less the oftener it is asked. */
export function rowsThenAndNow({ config, sql, clock, logger, onFault }: RowsOptions) {
  const readRevision = revisionReader(sql);
  const memory = rowsMemory(MOST_REMEMBERED);
  const policy = rowPolicyOf(config);
  const instantOf = tablesAsOf(sql, { ...policy, readRevision, memory, onFault: notShownAsOf });

  return {
    readRevision,
    notShownAsOf,
    rowsNow,
    readRowsOf,
    readTypeIdsAt,
    tablesAt,

    /** What lists read: as it was then, or as it is. */
    tablesOf: (asOf: Date | undefined, need: Needed) =>
      asOf === undefined ? tablesNow(sql, rowsNow()) : tablesAt(asOf, need),

    optionsAt: async (asOf: Date) => ({
      ...rowsNow(),
      now: asOf,
      instant: await instantOf(asOf),
    }),
  };

  function rowsNow() {
    return { ...policy, now: clock.now(), onFault };
  }

  /** It may be well by now, so that `/status` is not to name it. */
  function notShownAsOf(eventId: string, error: unknown) {
    logger.warn({ eventId, error }, "event.not_shown_as_of");
  }

  function readRowsOf(eventId: string, asOf?: Date) {
    return asOf === undefined
      ? readEventRows(sql, eventId, rowsNow())
      : readRowsAt(sql, { ...policy, at: asOf, eventId, memory });
  }

  async function tablesAt(asOf: Date, need: Needed) {
    return (await instantOf(asOf)).tables(need);
  }

  /** The tables of then are made for lists; one event's ticket types cost less. */
  async function readTypeIdsAt(events: readonly EventRow[], asOf: Date) {
    const [first, ...others] = events;
    if (!first || others.length > 0) {
      const instant = await instantOf(asOf);
      const ids = events.map(({ eventId }) => eventId);
      return (await instant.tables("events", ids)).inTotals;
    }
    const { ticketTypes } = await readRowsOf(first.eventId, asOf);
    const ids = ticketTypes.filter(({ inTotals }) => inTotals).map((type) => type.ticketTypeId);
    return new Map([[first.eventId, ids]]);
  }
}
