import type { SalesCounted, TicketTypeCount } from "../contracts/index.ts";
import type { Pool, Sql } from "../database/connect.ts";
import { put } from "../datacore/outbox.ts";
import { Failure } from "../lib/failure.ts";
import { classify } from "../rules/classify.ts";
import { type CountableTicket, countTickets } from "../rules/count.ts";
import type { VivenuClient } from "../vivenu/client.ts";
import { readAllTickets } from "../vivenu/tickets.ts";
import type { Ticket, VivenuEvent } from "../vivenu/wire.ts";
import { describe } from "./describe.ts";
import { countFacts } from "./parts.ts";

export interface CountOptions {
  sql: Pool;
  client: VivenuClient;
  account: string;
  event: VivenuEvent;
  countedAt: Date;
  pageSize: number;
  signal: AbortSignal;
  onPage?: () => void;
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
    secondaryTypes(event),
  );
  const recorded = await sql.begin((tx) =>
    recordCount(tx, account, {
      eventId: event._id,
      countedAt: countedAt.toISOString(),
      complete: true,
      ticketsRead: reading.tickets.length,
      expectedTotal: reading.total,
      currencies: tally.currencies,
      ticketTypes: tally.ticketTypes.map(({ newSalesByHour, replacementsByHour, ...numbers }) => ({
        ...numbers,
        newSales: newSalesByHour,
        replacements: replacementsByHour,
      })),
    }),
  );
  return { ticketsRead: reading.tickets.length, recorded };
}

type Count = Omit<SalesCounted, "idempotencyKey" | "part" | "account" | "source" | "observedAt">;

/** Records a count on change only, and the hours that changed only. */
async function recordCount(tx: Sql, account: string, count: Count): Promise<boolean> {
  const { eventId, countedAt } = count;
  await tx`select pg_advisory_xact_lock(hashtextextended(${`count ${account} ${eventId}`}, 0))`;
  const [seen] = await tx<{ countedAt: Date; ticketTypes: TicketTypeCount[] }[]>`
    select counted_at, ticket_types from count_seen
    where account = ${account} and event_id = ${eventId}
  `;
  // A count that began earlier and took longer says nothing that the later one does not know better.
  if (seen && seen.countedAt >= new Date(countedAt)) return false;
  const before = new Map(seen?.ticketTypes.map((type) => [type.ticketTypeId, type]));
  const ticketTypes = withVanished(count.ticketTypes, before).map((type) =>
    withChangedHours(type, before.get(type.ticketTypeId)),
  );
  const isNews = !seen || ticketTypes.some((type) => differs(type, before.get(type.ticketTypeId)));
  if (isNews) {
    const key = `sales.counted/${account}/${eventId}/${countedAt}`;
    const subject = { key, account, source: "poll" as const, observedAt: countedAt };
    await put(tx, countFacts(subject, { ...count, ticketTypes }), new Date(countedAt));
  }
  await tx`
    insert into count_seen (account, event_id, counted_at, ticket_types)
    values (${account}, ${eventId}, ${countedAt}, ${JSON.stringify(count.ticketTypes)}::text::jsonb)
    on conflict (account, event_id) do update set
      counted_at   = excluded.counted_at,
      ticket_types = excluded.ticket_types
  `;
  return isNews;
}

/** A type that neither the event nor a ticket names any more is counted as nothing, not forgotten. */
function withVanished(now: TicketTypeCount[], before: Map<string, TicketTypeCount>) {
  const named = new Set(now.map(({ ticketTypeId }) => ticketTypeId));
  const vanished = [...before.values()]
    .filter((type) => !named.has(type.ticketTypeId) && !isZero(type))
    .map((type) => ({ ...zeroed(type), newSales: {}, replacements: {} }));
  return [...now, ...vanished];
}

const numbersOf = ({
  newSales: _new,
  replacements: _replaced,
  ticketTypeId: _id,
  ...numbers
}: TicketTypeCount) => numbers;

const isZero = (type: TicketTypeCount) => Object.values(numbersOf(type)).every((n) => n === 0);

const zeroed = (type: TicketTypeCount): TicketTypeCount => ({
  ...type,
  ...{ sold: 0, soldUnderShop: 0, complimentary: 0, replaced: 0, triggered: 0 },
  ...{ flexAddOns: 0, reserved: 0, invalid: 0, blank: 0 },
});

const withChangedHours = (now: TicketTypeCount, before: TicketTypeCount | undefined) => ({
  ...now,
  newSales: changedHours(now.newSales, before?.newSales ?? {}),
  replacements: changedHours(now.replacements, before?.replacements ?? {}),
});

function changedHours(now: Record<string, number>, before: Record<string, number>) {
  const hours = new Set([...Object.keys(now), ...Object.keys(before)]);
  return Object.fromEntries(
    [...hours]
      .sort()
      .map((hour) => [hour, now[hour] ?? 0] as const)
      .filter(([hour, tickets]) => tickets !== (before[hour] ?? 0)),
  );
}

function differs(now: TicketTypeCount, before: TicketTypeCount | undefined) {
  if (!before) return true;
  if (Object.keys(now.newSales).length + Object.keys(now.replacements).length > 0) return true;
  return JSON.stringify(sorted(numbersOf(now))) !== JSON.stringify(sorted(numbersOf(before)));
}

/** jsonb gives keys back in an order of its own. */
const sorted = (numbers: object) => Object.entries(numbers).sort(([a], [b]) => (a < b ? -1 : 1));

/** ISO 4217's code for no currency: a price of 0 is one in every currency, and that is all that is asked. */
const NO_CURRENCY = "XXX";

const secondaryTypes = (event: VivenuEvent) =>
  new Set(
    [...classify(describe(event, NO_CURRENCY).ticketTypes)].flatMap(([id, type]) =>
      type === "secondary" ? id : [],
    ),
  );

const countable = (ticket: Ticket): CountableTicket => ({
  ticketId: ticket._id,
  ticketTypeId: ticket.ticketTypeId,
  status: ticket.status,
  createdAt: ticket.createdAt,
  origin: ticket.origin ?? undefined,
  underShopId: ticket.underShopId ?? undefined,
  hasTrigger: ticket.hasTrigger,
  hasTransaction: ticket.hasEmptyTransaction ? false : undefined,
  realPrice: ticket.realPrice ?? undefined,
  currency: ticket.currency ?? undefined,
  addOnNames: ticket.addOns,
});
