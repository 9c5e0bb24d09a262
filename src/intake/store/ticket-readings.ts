import type { Pool, Sql } from "../../database/connect.ts";
import type { ReadingProgress } from "../../vivenu/all-tickets.ts";
import type { PageContent } from "../../vivenu/ticket-page.ts";
import type { EventKey } from "./moved-tickets.ts";

/** What a reading knows is older than that is read anew: statuses have changed since. */
const RESUME_MS = 12 * 3_600_000;

/** A full count that broke off: up to when it reads, how far it came and what it read. */
export async function readTicketReading(sql: Pool, { account, eventId }: EventKey, now: Date) {
  const [begun] = await sql<{ until: Date; progress: ReadingProgress }[]>`
    select until, progress from ticket_reading
    where account = ${account} and event_id = ${eventId}
  `;
  if (!begun) return undefined;
  if (now.getTime() - begun.until.getTime() > RESUME_MS) {
    await dropTicketReading(sql, { account, eventId });
    return undefined;
  }
  const pages = await sql<PageContent[]>`
    select tickets, malformed from ticket_reading_page
    where account = ${account} and event_id = ${eventId}
    order by page
  `;
  const tickets = pages.flatMap((page) => page.tickets);
  return { ...begun, tickets, malformed: pages.flatMap((page) => page.malformed) };
}

export interface KeptPage {
  until: Date;
  content: PageContent;
  progress: ReadingProgress;
}

/** What is left to read has to be known, or there is nothing to go on with. */
export async function keepReadingPage(
  sql: Pool,
  { account, eventId }: EventKey,
  { until, content, progress }: KeptPage,
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
      insert into ticket_reading_page (account, event_id, tickets, malformed)
      values (
        ${account}, ${eventId}, ${JSON.stringify(content.tickets)}::text::jsonb,
        ${JSON.stringify(content.malformed)}::text::jsonb
      )
    `;
  });
}

/** With its pages. */
export const dropTicketReading = (sql: Sql, { account, eventId }: EventKey) => sql`
  delete from ticket_reading where account = ${account} and event_id = ${eventId}
`;
