import { adaptivePageSize } from "../lib/page-size.ts";
import type { TicketPage, VivenuClient } from "./client.ts";
import { knownTickets, onlyPlaced, placedWithin, placeless } from "./known-tickets.ts";
import type { Stretch } from "./segments.ts";
import {
  both,
  idsOf,
  inconsistent,
  itemsIn,
  OF_ANOTHER_TIME,
  type PageContent,
  setApart,
} from "./ticket-page.ts";
import type { Ticket } from "./wire.ts";

export interface Page {
  asked: Stretch;
  total: number;
  /** When its tickets were created, in the order they came. */
  times: number[];
  /** The same of those that were not known before. */
  fresh: number[];
  /** What the last answer held. */
  latest: PageContent;
}

export interface ScanOptions {
  eventId: string;
  pageSize: number;
  signal?: AbortSignal | undefined;
  /** What a reading that was broken off knew. */
  resume?: (PageContent & { total: number }) | undefined;
  /** Told after each page of an instant that has several, but the last. */
  onInstantPage?: ((content: PageContent, moment: PagedInstant) => Promise<void>) | undefined;
}

/** How far the pages of one instant were read: more tickets than fit a page bear it. */
export interface PagedInstant {
  at: number;
  skip: number;
}

export type TicketReader = Pick<VivenuClient, "readTicketsPage">;

export const SMALLEST_TOP = 10;

/** Asks for pages, trusts none of them, and keeps what was read. */
export function scan(client: TicketReader, options: ScanOptions) {
  const { eventId, pageSize, signal, resume, onInstantPage } = options;
  const known = knownTickets(resume);
  const smallestTop = Math.min(SMALLEST_TOP, pageSize);
  // One that goes on starts large as well: what made pages small may be over.
  const size = adaptivePageSize(pageSize);
  let requests = 0;
  let total = resume?.total;

  async function ask({ from, until }: Stretch, skip: number) {
    const answer = await client.readTicketsPage(
      {
        eventId,
        createdFrom: new Date(from),
        createdUntil: new Date(until),
        top: size.now(),
        skip,
      },
      { signal, smallestTop },
    );
    requests += answer.requests;
    total ??= answer.total;
    const page = checked(answer, { from, until, skip, eventId, smallestTop });
    const rows = itemsIn(page);
    const malformed = page.malformed.map((broken) => placedWithin(broken, { from, until }));
    size.came(rows < page.total - skip ? Math.min(page.top, rows) : page.top);
    return { page: { ...page, malformed }, rows, fresh: known.add({ ...page, malformed }) };
  }

  /** One page; of a single instant with more tickets than fit one, all its pages from `skip` on. */
  async function read(asked: Stretch, skip = 0): Promise<Page> {
    const first = await ask(asked, skip);
    const { total } = first.page;
    const times = first.page.tickets.map(createdAt);
    const fresh = [...first.fresh];
    const lost = placeless(first.page);
    if (asked.from < asked.until) {
      if (first.rows < total && lost.length > first.rows / 2)
        throw inconsistent("most tickets of a page cannot be read");
      if (first.rows < total) return { asked, total, times, fresh, latest: onlyPlaced(first.page) };
      fresh.push(...known.place(lost, asked.from));
      return { asked, total, times, fresh, latest: first.page };
    }
    const seen = new Set(idsOf(first.page));
    let latest: PageContent = first.page;
    let rows = skip + first.rows;
    while (rows < total) {
      // Whoever goes on from here would not know of the lost ones.
      const isKept = lost.length === 0;
      if (isKept) await onInstantPage?.(latest, { at: asked.from, skip: rows });
      const next = await ask(asked, rows);
      if (next.page.total !== total) throw inconsistent("a total changed while it was read");
      if (idsOf(next.page).some((id) => seen.has(id)))
        throw inconsistent("a page repeats tickets of the page before");
      latest = isKept ? next.page : both(latest, next.page);
      rows += next.rows;
      lost.push(...placeless(next.page));
      for (const id of idsOf(next.page)) seen.add(id);
      fresh.push(...next.fresh);
    }
    fresh.push(...known.place(lost, asked.from));
    return { asked, total, times, fresh, latest };
  }

  /** After more than one page: that the set stood still while it was read. */
  async function confirm({ from, until }: Stretch) {
    if (requests <= 1 && !resume) return;
    const window = { eventId, createdFrom: new Date(from), createdUntil: new Date(until) };
    const page = await client.readTicketsPage({ ...window, top: 1 }, { signal });
    requests += page.requests;
    if (page.total !== total) throw inconsistent("the total changed while the tickets were read");
  }

  return {
    read,
    confirm,
    top: size.now,
    /** Far more than any order of tickets takes; a server that never tells the truth is left alone. */
    isEndless: () => requests > 60 + 12 * Math.ceil((total ?? 0) / size.smallest()),
    result: () => ({ ...known.all(), total: total ?? 0, requests }),
    total: () => total ?? 0,
  };
}

export type Scan = ReturnType<typeof scan>;

interface Expected extends Stretch {
  skip: number;
  eventId: string;
  smallestTop: number;
}

function checked(page: TicketPage, expected: Expected) {
  const { total, top } = page;
  const due = Math.min(top, Math.max(total - expected.skip, 0));
  if (itemsIn(page) > due) throw inconsistent("a page is longer than its total or its size");
  if (itemsIn(page) < Math.min(due, expected.smallestTop))
    throw inconsistent("a page is shorter than its total says");
  const ids = idsOf(page);
  if (new Set(ids).size < ids.length) throw inconsistent("a page names a ticket twice");
  const outside = (time: number) => time < expected.from || time > expected.until;
  const ours = setApart(page, (ticket) => outside(createdAt(ticket)), OF_ANOTHER_TIME);
  return setApart(ours, (t) => t.eventId !== expected.eventId, "a ticket of another event");
}

const createdAt = (ticket: Ticket) => Date.parse(ticket.createdAt);
