import { causeOf } from "../../database/fault.ts";
import { isInDoubt } from "../../rules/doubt.ts";
import { type Standing, standingsOf } from "../../rules/standings.ts";
import type { RowPolicy } from "./event-made-of.ts";
import type { EventInRows } from "./event-state.ts";
import { eventKeysOf } from "./list-keys.ts";
import { type Made, type MadeEvent, makeEventRow, makeRows, nothingMade } from "./made-rows.ts";
import { type MadeMemory, makeTypes } from "./made-types.ts";
import type { EventSaid } from "./row-revisions.ts";
import type { EventRow, TicketTypeRow } from "./shown-row-types.ts";
import { stableJson } from "./stable-json.ts";

/** What `event_shown.document` holds. */
export interface ShownEvent extends Made<EventRow> {
  standings: Standing[];
}

/** What `ticket_type_shown.document` holds. */
export type ShownType = Made<TicketTypeRow>;

export interface ShownOptions extends RowPolicy {
  /** Told of an event of which no rows can be made. */
  onFault?: (eventId: string, error: unknown) => void;
}

/** Raise it when the program makes other rows of the same. */
const RULES = 7;

/** Tells settings apart by what shown rows depend on. */
export const shownDigest = ({ policy, classes = {} }: RowPolicy) =>
  Bun.hash(stableJson({ RULES, policy, classes })).toString(36);

/** What is kept of an event as people read it; or why nothing can be. */
export const shownOf = (found: EventInRows, options: ShownOptions, memory?: MadeMemory) =>
  makeShown(found, options, { digest: digestOf, memory });

/** The same for who reads it once: nobody will ask whether it is another than before. */
export const shownOnceOf = (found: EventInRows, options: ShownOptions) =>
  makeShown(found, options, { digest: () => "" });

/** Of an event its own row for who reads it once, and the ids of the ticket types that its totals hold. */
export function shownEventOnceOf(found: EventInRows, { onFault, ...policy }: ShownOptions) {
  const { eventId } = found.event;
  try {
    const { kinds, ...made } = makeEventRow(found, policy);
    return {
      event: { event_id: eventId, ...eventColumnsOf(found, made, kinds) },
      inTotals: kinds.flatMap(({ inTotals, ticketTypeId }) => (inTotals ? ticketTypeId : [])),
    };
  } catch (error) {
    onFault?.(eventId, error);
    return { event: { event_id: eventId, fault: causeOf(error) }, inTotals: [] };
  }
}

interface Making {
  digest: (value: unknown) => string;
  memory?: MadeMemory | undefined;
}

/** What people read of an event by itself. */
function eventColumnsOf(
  { event: { account, startAt } }: EventInRows,
  { event, forStatus }: Pick<MadeEvent, "event" | "forStatus">,
  types: Parameters<typeof eventKeysOf>[1]["types"],
) {
  const standings = standingsOf(forStatus);
  return {
    account,
    start_at: startAt.toISOString(),
    fault: null,
    turns_at: standings.flatMap(({ from }) => (from === null ? [] : new Date(from))),
    statuses: standings.map(({ status }) => status),
    document: { ...event, standings } satisfies ShownEvent,
    ...eventKeysOf(event, { standings, deleted: forStatus.deleted, types }),
  };
}

function makeShown(
  found: EventInRows,
  { onFault, ...policy }: ShownOptions,
  { digest: digestOf, memory }: Making,
) {
  const made_of = shownDigest(policy);
  const { eventId, account } = found.event;
  try {
    const rows = memory?.get(eventId)?.rows ?? nothingMade();
    const { ticketTypes, ...made } = makeRows(found, policy, rows);
    const columns = eventColumnsOf(
      found,
      made,
      ticketTypes.map((type) => type.row),
    );
    const inTotals = ticketTypes.flatMap(({ row: type }) =>
      type.inTotals ? type.ticketTypeId : [],
    );
    const types = makeTypes(
      {
        event: made.event.row,
        account,
        startAt: columns.start_at,
        deleted: made.forStatus.deleted,
        documents: ticketTypes,
        rows,
      },
      digestOf,
      memory,
    );
    // No answer has it, so it is no news of the row.
    const in_doubt = isInDoubt(found.event, {
      types: found.types,
      counts: found.sales,
      categoriesOf: (id) => found.formerCategories.get(id) ?? found.event.categories,
    });
    const digest = digestOf([columns, in_doubt, types.map((type) => type.digest)]);
    const said: EventSaid = {
      event_id: eventId,
      says: digestOf(columns),
      turns: digestOf(columns.document.standings),
    };
    return {
      types,
      inTotals,
      said,
      event: { event_id: eventId, ...columns, in_doubt, digest, made_of },
    };
  } catch (error) {
    onFault?.(eventId, error);
    const fault = causeOf(error);
    const said: EventSaid = { event_id: eventId, says: null, turns: null };
    const event = { event_id: eventId, fault, digest: digestOf(fault), made_of };
    return { types: [], inTotals: [], said, event };
  }
}

const digestOf = (value: unknown) => Bun.hash(JSON.stringify(value)).toString(36);
