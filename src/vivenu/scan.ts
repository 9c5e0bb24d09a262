import { Failure } from "../lib/failure.ts";
import type { TicketPage, VivenuClient } from "./client.ts";
import type { Stretch } from "./segments.ts";
import type { Ticket } from "./wire.ts";

export interface Page {
  asked: Stretch;
  total: number;
  /** When its tickets were created, in the order they came. */
  times: number[];
  /** The same of those that were not known before. */
  fresh: number[];
  /** What the last answer held. */
  tickets: Ticket[];
}

export interface ScanOptions {
  eventId: string;
  pageSize: number;
  onPage?: ((progress: { read: number; total: number; requests: number }) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** What a reading that was broken off knew. */
  resume?: { tickets: readonly Ticket[]; total: number; top: number } | undefined;
  /** Told after each page of a moment that has several, but the last. */
  onMomentPage?: ((tickets: Ticket[], moment: Moment) => Promise<void>) | undefined;
}

/** How far the pages of one moment were read. */
export interface Moment {
  at: number;
  skip: number;
}

export type TicketReader = Pick<VivenuClient, "readTicketsPage">;

export const SMALLEST_TOP = 10;

/** An answer that cannot be true, or that was true only for a moment: the reading ends incomplete. */
export const inconsistent = (reason: string) => new Failure("malformed", reason);

/** Asks for pages, trusts none of them, and keeps what was read. */
export function scan(client: TicketReader, options: ScanOptions) {
  const { eventId, pageSize, onPage, signal, resume, onMomentPage } = options;
  const tickets = new Map(resume?.tickets.map((ticket) => [ticket._id, ticket]));
  const smallestTop = Math.min(SMALLEST_TOP, pageSize);
  let top = Math.min(resume?.top ?? pageSize, pageSize);
  let requests = 0;
  let total = resume?.total;

  async function ask({ from, until }: Stretch, skip: number) {
    const page = await client.readTicketsPage(
      {
        eventId,
        createdFrom: new Date(from),
        createdUntil: new Date(until),
        top,
        ...(skip > 0 && { skip }),
      },
      { signal, smallestTop },
    );
    requests += page.requests;
    total ??= page.total;
    checkPage(page, { from, until, skip, eventId, smallestTop });
    const rows = page.tickets.length;
    top = rows < page.total - skip ? Math.min(page.top, rows) : page.top;
    const fresh = page.tickets.filter((ticket) => isNew(ticket, tickets)).map(createdAt);
    for (const ticket of page.tickets) tickets.set(ticket._id, ticket);
    onPage?.({ read: tickets.size, total, requests });
    return { page, fresh };
  }

  /** One page; of a single moment with more tickets than fit one, all its pages from `skip` on. */
  async function read(asked: Stretch, skip = 0): Promise<Page> {
    const first = await ask(asked, skip);
    const { total } = first.page;
    const times = first.page.tickets.map(createdAt);
    const fresh = [...first.fresh];
    let { tickets: latest } = first.page;
    if (asked.from < asked.until) return { asked, total, times, fresh, tickets: latest };

    const seen = new Set(latest.map(({ _id }) => _id));
    while (skip + seen.size < total) {
      await onMomentPage?.(latest, { at: asked.from, skip: skip + seen.size });
      const next = await ask(asked, skip + seen.size);
      if (next.page.total !== total) throw inconsistent("a total changed while it was read");
      if (next.page.tickets.some(({ _id }) => seen.has(_id)))
        throw inconsistent("a page repeats tickets of the page before");
      latest = next.page.tickets;
      for (const { _id } of latest) seen.add(_id);
      fresh.push(...next.fresh);
    }
    return { asked, total, times, fresh, tickets: latest };
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
    top: () => top,
    /** Far more than any order of tickets takes; a server that never tells the truth is left alone. */
    isEndless: () => requests > 60 + 12 * Math.ceil((total ?? 0) / Math.max(top, 1)),
    result: () => ({ tickets: [...tickets.values()], total: total ?? 0, requests }),
    total: () => total ?? 0,
  };
}

export type Scan = ReturnType<typeof scan>;

interface Expected extends Stretch {
  skip: number;
  eventId: string;
  smallestTop: number;
}

function checkPage({ tickets, malformed, total, top }: TicketPage, expected: Expected) {
  const [broken] = malformed;
  if (broken) throw inconsistent(`ticket ${broken.id} cannot be read: ${broken.reason}`);
  const due = Math.min(top, Math.max(total - expected.skip, 0));
  if (tickets.length > due) throw inconsistent("a page is longer than its total or its size");
  if (tickets.length < Math.min(due, expected.smallestTop))
    throw inconsistent("a page is shorter than its total says");
  if (new Set(tickets.map(({ _id }) => _id)).size < tickets.length)
    throw inconsistent("a page names a ticket twice");
  for (const ticket of tickets) {
    const time = createdAt(ticket);
    if (time < expected.from || time > expected.until)
      throw inconsistent("a page holds a ticket of another time than was asked for");
    if (ticket.eventId !== expected.eventId)
      throw inconsistent("a page holds a ticket of another event");
  }
}

function isNew(ticket: Ticket, known: ReadonlyMap<string, Ticket>) {
  const before = known.get(ticket._id);
  if (before && before.createdAt !== ticket.createdAt)
    throw inconsistent("a ticket changed the moment it was created");
  return !before;
}

const createdAt = (ticket: Ticket) => Date.parse(ticket.createdAt);
