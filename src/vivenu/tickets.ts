import { isFailure } from "../lib/failure.ts";
import {
  inconsistent,
  type Page,
  type Scan,
  type ScanOptions,
  scan,
  type TicketReader,
} from "./scan.ts";
import { aim, isSettled, narrow, type Segment, type Stretch } from "./segments.ts";
import { trendOf } from "./trend.ts";
import type { Ticket } from "./wire.ts";

export interface ReadAllTicketsOptions extends ScanOptions {
  /** Leaving it out costs no request: the pages show where there is nothing. */
  since?: Date;
  /** The set is closed here; a little in the past, so that nothing is still being created in it. */
  until: Date;
}

export interface AllTickets {
  tickets: Ticket[];
  /** How many there are, by the first answer. */
  total: number;
  /** Whether `tickets` are all of them; if not, it is not a count. */
  complete: boolean;
  reason?: string;
  requests: number;
}

const MAX_REACH = 64;

/**
 * All tickets of an event that were created up to `until`. When a ticket was created never changes,
 * so this set stands still while tickets are sold, and every stretch of time has a total of its own:
 * the reading is complete when of each stretch as many distinct tickets are known as Vivenu counts.
 */
export async function readAllTickets(
  client: TicketReader,
  { since = new Date(0), until, ...options }: ReadAllTicketsOptions,
): Promise<AllTickets> {
  const pages = scan(client, options);
  try {
    const whole = { from: since.getTime(), until: until.getTime() };
    await readStretch(pages, whole);
    await pages.confirm(whole);
  } catch (error) {
    if (!isFailure(error, "malformed")) throw error;
    return { ...pages.result(), complete: false, reason: error.message };
  }
  const { tickets, total, requests } = pages.result();
  if (tickets.length === total) return { tickets, total, complete: true, requests };
  const reason = `${tickets.length} tickets were read and ${total} expected`;
  return { tickets, total, complete: false, reason, requests };
}

async function readStretch(pages: Scan, whole: Stretch) {
  const guesses = guessing();
  let reach = 1;
  let page = await pages.read(whole);
  let segments = learn([{ ...whole, total: page.total, known: [] }], page);
  while (segments.length > 0) {
    if (pages.isEndless())
      throw inconsistent("reading took far more requests than tickets explain");
    const guess = guesses.next(segments, page);
    const aimed = aim(segments, pages.top(), reach);
    page = await pages.read(guess ?? aimed ?? whole);
    segments = learn(segments, page);
    if (guess) guesses.judge(segments, pages.top());
    else if (aimed?.estimated) reach = corrected(reach, page.total / pages.top());
  }
}

/** Pages that show a part of the whole unlike the rest mislead the aim: what they led to corrects it. */
function corrected(reach: number, fill: number) {
  if (fill < 1 / 3) return Math.min(reach * 2, MAX_REACH);
  return fill > 1 ? Math.max(reach / 2, 1 / 4) : reach;
}

/** The segments that are still to be read, after what a page says of them. */
function learn(segments: Segment[], { asked, total, fresh }: Page) {
  const narrowed = narrow(segments, { ...asked, total, fresh });
  if (!narrowed) throw inconsistent("the totals of its stretches of time contradict each other");
  return narrowed.filter((segment) => !isSettled(segment));
}

/**
 * Where a page seems sorted, it is guessed that nothing is missing up to its edge, and the next page
 * is asked for from there on. Guesses that leave too much behind are given up.
 */
function guessing() {
  let luck = 2;
  let left: Stretch | undefined;
  return {
    next(segments: readonly Segment[], { asked, times }: Page): Stretch | undefined {
      const current = segments.find((s) => s.from === asked.from && s.until === asked.until);
      const trend = luck < 0 ? undefined : trendOf(times);
      if (!current || !trend) return undefined;
      const { from, until } = current;
      const { direction, edge } = trend;
      if (edge <= from || edge >= until) return undefined;
      left = direction === "rising" ? { from, until: edge - 1 } : { from: edge + 1, until };
      return direction === "rising" ? { from: edge, until } : { from, until: edge };
    },
    judge(segments: readonly Segment[], top: number) {
      const behind = segments.find((s) => s.from === left?.from && s.until === left.until);
      const missing = behind ? behind.total - behind.known.length : 0;
      luck += missing > top / 3 ? -1 : 1;
    },
  };
}
