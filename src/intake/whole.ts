import type { SalesCounted } from "../contracts/index.ts";
import type { Pool, Sql } from "../database/connect.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import type { TicketClass } from "../rules/classify.ts";
import type { VivenuClient } from "../vivenu/client.ts";
import { type ReadingProgress, readAllTickets } from "../vivenu/tickets.ts";
import type { Ticket } from "../vivenu/wire.ts";
import type { CountOutcome } from "./counting.ts";
import type { Difference } from "./difference.ts";
import { countKept, settleWhole } from "./running.ts";

/** What a whole count found the running count to have wrong, in one field of one event. */
export interface EventDifference extends Difference {
  account: string;
  eventId: string;
}

export interface WholeOptions {
  sql: Pool;
  client: VivenuClient;
  eventId: string;
  /** Tickets that were created later are left out. */
  until: Date;
  pageSize: number;
  log: Logger;
  signal: AbortSignal;
  source?: SalesCounted["source"] | undefined;
  /** Says the count whatever was said before. */
  force?: boolean | undefined;
  overrides?: Readonly<Record<string, TicketClass>> | undefined;
  onDifference?: ((difference: EventDifference) => void) | undefined;
}

/** What a reading knows is older than that is read anew: statuses have changed since. */
const RESUME_MS = 12 * 3_600_000;

/**
 * Reads all tickets of an event, keeps of each what counting needs, and counts them. Every page is
 * kept when it is read, so that a reading that breaks off goes on from there.
 */
export async function countWhole(options: WholeOptions): Promise<CountOutcome> {
  const { sql, client, eventId, pageSize, log, signal, overrides, source, force } = options;
  const account = client.region;
  const key = { account, eventId };
  const begun = await readBegun(sql, key, options.until);
  const until = begun?.until ?? options.until;
  const reading = await readAllTickets(client, {
    ...{ eventId, until, pageSize, signal },
    ...(begun && { resume: begun }),
    keep: (tickets, progress) => keepPage(sql, key, { until, tickets, progress }),
  });
  if (!reading.complete) {
    await dropBegun(sql, key);
    throw new Failure("unavailable", `the tickets were not read whole: ${reading.reason}`, key);
  }
  const { differences, recorded } = await sql.begin(async (tx) => {
    const differences = await settleWhole(tx, { ...key, until, tickets: reading.tickets });
    const recorded = await countKept(tx, { ...key, at: until, overrides, source, force });
    await dropBegun(tx, key);
    return { differences, recorded };
  });
  for (const difference of differences) {
    log.warn({ ...key, ...difference }, "count.healed");
    options.onDifference?.({ ...key, ...difference });
  }
  return { ticketsRead: reading.tickets.length, recorded };
}

interface Key {
  account: string;
  eventId: string;
}

async function readBegun(sql: Pool, { account, eventId }: Key, now: Date) {
  const [begun] = await sql<{ until: Date; progress: ReadingProgress }[]>`
    select until, progress from ticket_reading
    where account = ${account} and event_id = ${eventId}
  `;
  if (!begun) return undefined;
  if (now.getTime() - begun.until.getTime() > RESUME_MS) {
    await dropBegun(sql, { account, eventId });
    return undefined;
  }
  const pages = await sql<{ tickets: Ticket[] }[]>`
    select tickets from ticket_reading_page
    where account = ${account} and event_id = ${eventId}
    order by page
  `;
  return { ...begun, tickets: pages.flatMap(({ tickets }) => tickets) };
}

interface KeptPage {
  until: Date;
  tickets: Ticket[];
  progress: ReadingProgress;
}

async function keepPage(
  sql: Pool,
  { account, eventId }: Key,
  { until, tickets, progress }: KeptPage,
): Promise<void> {
  // The last page, or the only one: nothing is left to go on with.
  if (progress.stretches.length === 0) return;
  await sql.begin(async (tx) => {
    await tx`
      insert into ticket_reading (account, event_id, until, progress)
      values (${account}, ${eventId}, ${until}, ${JSON.stringify(progress)}::text::jsonb)
      on conflict (account, event_id) do update set
        until    = excluded.until,
        progress = excluded.progress
    `;
    await tx`
      insert into ticket_reading_page (account, event_id, tickets)
      values (${account}, ${eventId}, ${JSON.stringify(tickets)}::text::jsonb)
    `;
  });
}

const dropBegun = (sql: Sql, { account, eventId }: Key) => sql`
  delete from ticket_reading where account = ${account} and event_id = ${eventId}
`;
