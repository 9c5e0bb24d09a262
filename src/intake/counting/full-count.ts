import type { SalesCounted } from "../../contracts/index.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import type { TicketClass } from "../../rules/classify.ts";
import { readAllTickets } from "../../vivenu/all-tickets.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { EventKey } from "../store/moved-tickets.ts";
import { dropTicketReading, keepReadingPage, readTicketReading } from "../store/ticket-readings.ts";
import { warnOfClocks } from "../store/wrong-clocks.ts";
import type { Difference } from "./count-difference.ts";
import { applyFullReading, countKept } from "./incremental-count.ts";
import { isolatingTickets } from "./isolate-tickets.ts";
import { whyNotMissing } from "./missing-tickets.ts";

/** What a full count found the incremental one to have wrong, in one field of one event. */
export interface EventDifference extends Difference {
  account: string;
  eventId: string;
}

export interface CountOutcome {
  ticketsRead: number;
  /** Whether it says something that the last count did not. */
  recorded: boolean;
  /** Tickets that cannot be read: the count is not complete without them. */
  unreadable: number;
  /** The events that had some of these tickets before, and are to be counted again. */
  left: EventKey[];
}

export interface FullCountOptions {
  sql: Pool;
  client: VivenuClient;
  eventId: string;
  /** The cutoff: tickets that were created later are left out. */
  until: Date;
  pageSize: number;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  source?: SalesCounted["source"] | undefined;
  /** Says the count whatever was said before. */
  force?: boolean | undefined;
  overrides?: Readonly<Record<string, TicketClass>> | undefined;
  onDifference?: ((difference: EventDifference) => void) | undefined;
  /** For taking over what was read, and counting it. */
  limitMs?: number | undefined;
}

/** Tens of thousands of tickets, while others wait for the database as well. */
const LIMIT_MS = 300_000;

/** Of the tickets that cannot be read, a log line names no more. */
const EXAMPLES = 5;

/**
 * The full count: reads all tickets of an event up to a cutoff, keeps of each what counting needs, and
 * counts them. Every page is kept when it is read, so that a count that breaks off goes on from there.
 */
export async function takeFullCount(options: FullCountOptions): Promise<CountOutcome> {
  const { sql, client, eventId, pageSize, clock, logger, signal, overrides, source, force } =
    options;
  const account = client.region;
  const key = { account, eventId };
  const begun = await readTicketReading(sql, key, options.until);
  const until = begun?.until ?? options.until;
  const reading = await readAllTickets(client, {
    eventId,
    until,
    pageSize,
    signal,
    ...(begun && { resume: begun }),
    keep: (content, progress) => keepReadingPage(sql, key, { until, content, progress }),
  });
  const reason = reading.complete
    ? await whyNotMissing(sql, { client, eventId, until, now: clock.now(), signal }, reading)
    : (reading.reason ?? "some are missing");
  if (reason !== undefined) {
    await dropTicketReading(sql, key);
    throw new Failure("unavailable", `the tickets were not read completely: ${reason}`, key);
  }
  const { limitMs: ms = LIMIT_MS } = options;
  const { tickets, malformed } = reading;
  const content = { ...key, until, readAt: clock.now(), tickets, malformed };
  const work = async (tx: Sql, some: typeof content) => {
    const applied = await applyFullReading(tx, some);
    const counted =
      applied &&
      (await countKept(tx, { ...key, at: until, overrides, source, force, isFull: true }));
    await dropTicketReading(tx, key);
    const { differences = [], left = [], wrongClocks = [] } = applied ?? {};
    const unreadable = some.malformed;
    return { differences, left, wrongClocks, unreadable, recorded: counted?.recorded ?? false };
  };
  const applied = await isolatingTickets(sql, content, { ms, work });
  const { differences, left, recorded } = applied;
  for (const difference of differences) {
    logger.warn({ ...key, ...difference }, "count.healed");
    options.onDifference?.({ ...key, ...difference });
  }
  warnOfClocks(logger, account, applied.wrongClocks);
  const unreadable = applied.unreadable.length;
  if (unreadable > 0) {
    const ticketIds = applied.unreadable.flatMap(({ id }) => id ?? []).slice(0, EXAMPLES);
    logger.warn({ ...key, tickets: unreadable, ticketIds }, "ticket.unreadable");
  }
  return { ticketsRead: reading.tickets.length, recorded, unreadable, left };
}
