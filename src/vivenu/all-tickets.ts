import { isFailure } from "../lib/failure.ts";
import { guessing } from "./guessing.ts";
import { timesOf } from "./known-tickets.ts";
import {
  type Page,
  type PagedInstant,
  type Scan,
  type ScanOptions,
  scan,
  type TicketReader,
} from "./scan.ts";
import { aim, isComplete, narrow, type Segment, type Stretch } from "./segments.ts";
import { inconsistent, type PageContent } from "./ticket-page.ts";

/** How far a reading came; with the tickets it read it can go on from there. */
export interface ReadingProgress {
  total: number;
  /** What is still to be read, and how many tickets are in it. */
  stretches: (Stretch & { total: number })[];
  /** The instant within which it was paging; the name is kept in the database. */
  moment?: PagedInstant | undefined;
}

export interface ReadAllTicketsOptions
  extends Pick<ScanOptions, "eventId" | "pageSize" | "signal"> {
  /** Leaving it out costs no request: the pages show where there is nothing. */
  since?: Date;
  /** The set is closed here; a little in the past, so that nothing is still being created in it. */
  until: Date;
  /** Of the same event, with the same bounds. */
  resume?: (PageContent & { progress: ReadingProgress }) | undefined;
  /** Told after every page what it brought and how far the reading is with it. */
  keep?: ((content: PageContent, progress: ReadingProgress) => Promise<void>) | undefined;
}

export interface AllTickets extends PageContent {
  /** How many there are, by the first answer. */
  total: number;
  /** Whether these are all of them, those that cannot be read included; if not, it is not a count. */
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
  { since = new Date(0), until, resume, keep, ...options }: ReadAllTicketsOptions,
): Promise<AllTickets> {
  let segments = resume ? resumed(resume) : undefined;
  const progress = (moment?: PagedInstant): ReadingProgress => ({
    total: pages.total(),
    stretches: (segments ?? [{ ...whole, total: pages.total() }]).map(({ from, until, total }) => ({
      from,
      until,
      total,
    })),
    moment,
  });
  const pages = scan(client, {
    ...options,
    ...(resume && { resume: { ...resume.progress, ...contentOf(resume) } }),
    ...(keep && { onInstantPage: (content, moment) => keep(content, progress(moment)) }),
  });
  const whole = { from: since.getTime(), until: until.getTime() };
  try {
    await readStretch(pages, whole, {
      segments,
      moment: resume?.progress.moment,
      onSegments: (now) => {
        segments = now;
      },
      onPage: (content) => keep?.(content, progress()),
    });
    await pages.confirm(whole);
  } catch (error) {
    if (!isFailure(error, "malformed")) throw error;
    return { ...pages.result(), complete: false, reason: error.message };
  }
  const result = pages.result();
  const known = result.tickets.length + result.malformed.length;
  if (known === result.total) return { ...result, complete: true };
  const reason = `${known} tickets were read and ${result.total} expected`;
  return { ...result, complete: false, reason };
}

const contentOf = ({ tickets, malformed }: PageContent): PageContent => ({ tickets, malformed });

/** What was known of each stretch is in the tickets that were kept. */
function resumed({
  progress,
  ...content
}: NonNullable<ReadAllTicketsOptions["resume"]>): Segment[] {
  const times = timesOf(content);
  return progress.stretches
    .map((stretch) => ({
      ...stretch,
      known: times.filter((time) => stretch.from <= time && time <= stretch.until),
    }))
    .filter((segment) => !isComplete(segment));
}

interface Steps {
  segments: Segment[] | undefined;
  moment: PagedInstant | undefined;
  onSegments: (segments: Segment[]) => void;
  onPage: (content: PageContent) => Promise<void> | undefined;
}

async function readStretch(pages: Scan, whole: Stretch, steps: Steps) {
  const guesses = guessing();
  let reach = 1;
  let page: Page | undefined;
  let segments = steps.segments;
  const take = async (stretch: Stretch, skip?: number) => {
    page = await pages.read(stretch, skip);
    segments = learn(segments ?? [{ ...whole, total: page.total, known: [] }], page);
    steps.onSegments(segments);
    await steps.onPage(page.latest);
    return { page, segments };
  };
  if (!segments) await take(whole);
  else if (steps.moment) {
    const { at, skip } = steps.moment;
    await take({ from: at, until: at }, skip);
  }
  while (segments && segments.length > 0) {
    if (pages.isEndless())
      throw inconsistent("reading took far more requests than tickets explain");
    const guess = page && guesses.next(segments, page);
    const top = pages.top();
    const aimed = aim(segments, top, reach);
    const taken = await take(guess ?? aimed ?? whole);
    if (guess) guesses.judge(taken.segments, top);
    else if (aimed?.estimated) reach = corrected(reach, taken.page.total / top);
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
  return narrowed.filter((segment) => !isComplete(segment));
}
