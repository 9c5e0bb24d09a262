import type { Logger } from "../lib/logger.ts";
import { adaptivePageSize } from "../lib/page-size.ts";
import { type MalformedEvent, parseEvents, whichEvent } from "./list-items.ts";
import type { GetOptions, Requester } from "./request.ts";
import { reportUnknown } from "./unknown-fields.ts";
import { isList, List, parse, type VivenuEvent } from "./wire.ts";

export interface EventList {
  events: VivenuEvent[];
  /** Events that Vivenu has, but that cannot be read. */
  malformed: MalformedEvent[];
  /** Whether these are all of them: as many as Vivenu says, which stood still while they were read. */
  complete: boolean;
  reason: string | null;
  requests: number;
}

export interface EventsQuery {
  /** Only events changed since. */
  updatedSince?: Date | undefined;
  top: number;
  logger: Logger;
}

const PASSES = 3;
const SMALLEST_TOP = 5;
const MAX_SURPLUS = 1000;

/**
 * Pages shift when an event comes or goes meanwhile, and then one is read twice or never: a pass in which the
 * total moved is read again. Where one goes and another comes the total says nothing of it. So each page begins
 * where the page before ended, with the same event: one fewer is passed over than went, and more are listed than
 * there are.
 */
export async function readEvents(
  requester: Requester,
  query: EventsQuery,
  { signal }: GetOptions,
): Promise<EventList> {
  let requests = 0;
  for (let pass = 1; ; pass += 1) {
    const list = await readPass(requester, query, { signal });
    requests += list.requests;
    if (list.complete || pass === PASSES) return { ...list, requests };
  }
}

async function readPass(
  requester: Requester,
  { updatedSince, top: largest, logger }: EventsQuery,
  { signal }: GetOptions,
): Promise<EventList> {
  const size = adaptivePageSize(largest);
  const events = new Map<string, VivenuEvent>();
  const malformed: MalformedEvent[] = [];
  const totals = new Set<number>();
  let requests = 0;
  const known = () => events.size + malformed.length;
  for (let skip = 0; ; ) {
    const query = { updatedSince, top: size.now(), skip, logger };
    const page = await readPage(requester, query, { signal });
    requests += page.requests;
    totals.add(page.total);
    const before = known();
    for (const event of page.read) events.set(event._id, event);
    for (const broken of page.malformed)
      if (broken.id === null || !malformed.some(({ id }) => id === broken.id))
        malformed.push(broken);
    const end = skip + page.rows;
    const last = page.rows === 0 || (page.rows < page.top && end >= page.total);
    const endless = end > page.total + MAX_SURPLUS;
    if (last || endless || known() === before) break;
    size.came(page.top);
    // A page of one event has no room for another, and one without an id would be taken for another.
    skip = page.rows > 1 && page.lastId !== null ? end - 1 : end;
  }
  const reason = whyIncomplete(known(), [...totals]);
  return { events: [...events.values()], malformed, complete: reason === null, reason, requests };
}

function whyIncomplete(known: number, totals: number[]) {
  if (totals.length > 1)
    return `the number of events moved while they were read: ${totals.join(", ")}`;
  if (known !== totals[0]) return `Vivenu says ${totals[0]} events and lists ${known}`;
  return null;
}

async function readPage(
  requester: Requester,
  { updatedSince, top, skip, logger }: EventsQuery & { skip: number },
  { signal }: GetOptions,
) {
  const path = "/api/events";
  const answer = await requester.get(
    path,
    { top, skip, "updatedAt[$gte]": updatedSince?.toISOString() },
    { signal, smallestTop: SMALLEST_TOP, isAnswer: isList },
  );
  const context = { what: "The list of events", account: requester.account, path };
  const { rows, total } = parse(List, answer.body, context);
  reportUnknown(logger, "event", rows);
  return {
    ...parseEvents(rows),
    rows: rows.length,
    lastId: whichEvent(rows.at(-1)).id,
    total,
    top: answer.top,
    requests: answer.requests,
  };
}
