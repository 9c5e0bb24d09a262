import type { Pool } from "../database/connect.ts";
import { Failure } from "../lib/failure.ts";
import { classify, type TicketClass } from "../rules/classify.ts";
import { countTickets } from "../rules/count.ts";
import type { VivenuClient } from "../vivenu/client.ts";
import { readAllTickets } from "../vivenu/tickets.ts";
import type { VivenuEvent } from "../vivenu/wire.ts";
import { describe } from "./describe.ts";
import { recordCount, typeCountsOf } from "./record-count.ts";
import { countable } from "./ticket-state.ts";

export interface CountOptions {
  sql: Pool;
  client: VivenuClient;
  account: string;
  event: VivenuEvent;
  countedAt: Date;
  pageSize: number;
  signal: AbortSignal;
  onPage?: () => void;
  overrides?: Readonly<Record<string, TicketClass>>;
}

export interface CountOutcome {
  ticketsRead: number;
  /** Whether it says something that the last count did not. */
  recorded: boolean;
}

/**
 * Reads all tickets of an event as of one instant, counts them, and records the count if it differs
 * from the last. Throws `unavailable` when the reading was not complete: then nothing is recorded.
 */
export async function countEvent(options: CountOptions): Promise<CountOutcome> {
  const { sql, client, account, event, countedAt, pageSize, signal, onPage } = options;
  const reading = await readAllTickets(client, {
    eventId: event._id,
    until: countedAt,
    pageSize,
    signal,
    ...(onPage && { onPage }),
  });
  if (!reading.complete)
    throw new Failure("unavailable", `the tickets were not read whole: ${reading.reason}`, {
      account,
      eventId: event._id,
    });
  const tally = countTickets(
    reading.tickets.map(countable),
    event.tickets.map(({ _id }) => _id),
    secondaryTypes(event, options.overrides),
  );
  const recorded = await sql.begin((tx) =>
    recordCount(tx, account, {
      eventId: event._id,
      countedAt: countedAt.toISOString(),
      complete: true,
      ticketsRead: reading.tickets.length,
      expectedTotal: reading.total,
      currencies: tally.currencies,
      ticketTypes: typeCountsOf(tally),
    }),
  );
  return { ticketsRead: reading.tickets.length, recorded };
}

/** ISO 4217's code for no currency: a price of 0 is one in every currency, and that is all that is asked. */
const NO_CURRENCY = "XXX";

const secondaryTypes = (event: VivenuEvent, overrides?: CountOptions["overrides"]) =>
  new Set(
    [...classify(describe(event, NO_CURRENCY).ticketTypes, overrides)].flatMap(([id, type]) =>
      type === "secondary" ? id : [],
    ),
  );
