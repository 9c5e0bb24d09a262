import { isFailure } from "../lib/failure.ts";
import { adaptivePageSize } from "../lib/page-size.ts";
import type { TicketPage } from "./client.ts";
import type { MalformedTicket } from "./list-items.ts";
import { type ScanOptions, SMALLEST_TOP, type TicketReader } from "./scan.ts";
import type { Stretch } from "./segments.ts";
import {
  idsOf,
  inconsistent,
  itemsIn,
  OF_ANOTHER_TIME,
  type PageContent,
  setApart,
} from "./ticket-page.ts";
import { trendOf } from "./trend.ts";
import type { Ticket } from "./wire.ts";

export interface ReadChangedTicketsOptions extends Pick<ScanOptions, "pageSize" | "signal"> {
  since: Date;
  until: Date;
  /**
   * Told of each stretch of time as it is read, the earliest first: all changes up to `until` are
   * then known. What was told is not held any longer.
   */
  onStretch?: ((changes: PageContent, until: Date) => Promise<void>) | undefined;
}

export interface ChangedTickets extends PageContent {
  /** Whether every ticket of the account is there that was last changed in that time. */
  complete: boolean;
  reason?: string;
  requests: number;
}

const FILL = 0.7;

/**
 * All tickets of an account that were last changed between two instants. One that changes again
 * meanwhile leaves this set and belongs to the next, so totals of different answers prove nothing:
 * a stretch of time is read when one answer holds all of it.
 */
export async function readChangedTickets(
  client: TicketReader,
  { since, until, onStretch, ...options }: ReadChangedTicketsOptions,
): Promise<ChangedTickets> {
  const pages = changedPages(client, options);
  const whole = { from: since.getTime(), until: until.getTime(), expected: Infinity };
  const stretches: Expected[] = [whole];
  try {
    for (let next = stretches.pop(); next; next = stretches.pop()) {
      const stretch = joined(next, stretches, pages.room());
      const page = await pages.read(stretch, 0);
      const isWhole = itemsIn(page) === page.total;
      if (!isWhole && stretch.from < stretch.until) {
        stretches.push(...cut(stretch, page).reverse());
        continue;
      }
      if (!isWhole) await readInstant(pages, stretch, page);
      await onStretch?.(pages.takeUpTo(stretch.until), new Date(stretch.until));
    }
  } catch (error) {
    if (!isFailure(error, "malformed")) throw error;
    return { ...pages.result(), complete: false, reason: error.message };
  }
  return { ...pages.result(), complete: true };
}

type ChangedPages = ReturnType<typeof changedPages>;

function changedPages(
  client: TicketReader,
  { pageSize, signal }: Pick<ReadChangedTicketsOptions, "pageSize" | "signal">,
) {
  const tickets = new Map<string, Ticket>();
  const malformed = new Map<string, MalformedTicket>();
  const smallestTop = Math.min(SMALLEST_TOP, pageSize);
  const size = adaptivePageSize(pageSize);
  let requests = 0;
  let total: number | undefined;
  return {
    async read({ from, until }: Stretch, skip: number) {
      if (requests > 60 + 12 * Math.ceil((total ?? 0) / size.smallest()))
        throw inconsistent("changes took far more requests than they explain");
      const stretch = { updatedFrom: new Date(from), updatedUntil: new Date(until) };
      const answer = await client.readTicketsPage(
        { ...stretch, top: size.now(), ...(skip > 0 && { skip }) },
        { signal, smallestTop },
      );
      requests += answer.requests;
      const rows = itemsIn(answer);
      size.came(rows > 0 && rows < answer.total - skip ? Math.min(answer.top, rows) : answer.top);
      total ??= answer.total;
      const page = checked(answer, { from, until }, skip);
      for (const ticket of page.tickets) {
        keepNewest(tickets, ticket);
        malformed.delete(ticket._id);
      }
      for (const broken of page.malformed) {
        malformed.set(broken.id ?? JSON.stringify(broken), broken);
        if (broken.id !== null) tickets.delete(broken.id);
      }
      return page;
    },
    /** How many changes a stretch may be expected to hold, so that a page holds all of it. */
    room: () => size.now() * FILL,
    /** What was read of changes up to an instant, taken out. */
    takeUpTo(until: number): PageContent {
      const taken = [...tickets.values()].filter((ticket) => changedAt(ticket) <= until);
      for (const { _id } of taken) tickets.delete(_id);
      const broken = [...malformed.values()];
      malformed.clear();
      return { tickets: taken, malformed: broken };
    },
    result: () => ({
      tickets: [...tickets.values()],
      malformed: [...malformed.values()],
      requests,
    }),
  };
}

function checked(page: TicketPage, asked: Stretch, skip: number) {
  const { total } = page;
  if (itemsIn(page) > Math.max(total - skip, 0))
    throw inconsistent("a page is longer than its total");
  if (itemsIn(page) === 0 && skip < total)
    throw inconsistent("a page is empty although tickets are left");
  const ids = idsOf(page);
  if (new Set(ids).size < ids.length) throw inconsistent("a page names a ticket twice");
  const outside = (time: number) => time < asked.from || time > asked.until;
  return setApart(page, (ticket) => outside(changedAt(ticket)), OF_ANOTHER_TIME);
}

/** An import may stamp thousands of tickets with one instant, which cannot be cut. */
async function readInstant(pages: ChangedPages, moment: Stretch, first: TicketPage) {
  const seen = new Set(idsOf(first));
  let read = itemsIn(first);
  while (read < first.total) {
    const page = await pages.read(moment, read);
    if (page.total !== first.total || idsOf(page).some((id) => seen.has(id)))
      throw inconsistent("tickets of one instant moved while they were read");
    read += itemsIn(page);
    for (const id of idsOf(page)) seen.add(id);
  }
}

interface Expected extends Stretch {
  /** How many changes it should hold. */
  expected: number;
}

/** What was cut while pages were small is read together when they are large again. */
function joined(first: Expected, later: Expected[], room: number): Expected {
  const next = later.at(-1);
  if (!next || first.expected + next.expected > room) return first;
  later.pop();
  const expected = first.expected + next.expected;
  return joined({ from: first.from, until: next.until, expected }, later, room);
}

/** Cuts where the page seems to end or, if it has no order, into what should fit a page each. */
function cut({ from, until }: Stretch, page: TicketPage): Expected[] {
  const { tickets, total, top } = page;
  const times = tickets.map(changedAt);
  // Nothing of the page can be read, so nothing is known of when.
  if (times.length === 0) times.push(Math.floor((from + until) / 2));
  const trend = trendOf(times);
  const sorted = times.toSorted((a, b) => a - b);
  const count = Math.ceil(total / (Math.min(top, times.length) * FILL));
  const quantiles = Array.from(
    { length: count - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / count)] ?? until,
  );
  const edges = trend ? [trend.direction === "rising" ? trend.edge : trend.edge + 1] : quantiles;
  const starts = [...new Set(edges)].filter((time) => time > from && time <= until);
  if (starts.length === 0) starts.push(from + 1);
  const pieces = [from, ...starts].map((start, at) => ({
    from: start,
    until: (starts[at] ?? until + 1) - 1,
  }));
  const shownIn = (piece: Stretch) =>
    times.filter((time) => piece.from <= time && time <= piece.until).length;
  // Of a sorted page one piece holds nothing but what it shows; else the page is a sample.
  const held = trend && pieces.at(trend.direction === "rising" ? 0 : -1);
  const expectedIn = (piece: Stretch) => {
    if (!held) return (shownIn(piece) * total) / times.length;
    return piece === held ? shownIn(held) : total - shownIn(held);
  };
  return pieces.map((piece) => ({ ...piece, expected: expectedIn(piece) }));
}

function keepNewest(tickets: Map<string, Ticket>, ticket: Ticket) {
  const before = tickets.get(ticket._id);
  if (!before || before.updatedAt <= ticket.updatedAt) tickets.set(ticket._id, ticket);
}

const changedAt = ({ updatedAt }: Ticket) => Date.parse(updatedAt);
