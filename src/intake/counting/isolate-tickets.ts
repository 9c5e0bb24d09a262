import { beginWithin } from "../../database/begin-within.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import type { MalformedTicket } from "../../vivenu/list-items.ts";
import type { PageContent } from "../../vivenu/ticket-page.ts";
import type { Ticket } from "../../vivenu/wire.ts";

export interface Isolation<Content, Result> {
  /** For the work, which is done in a transaction. */
  ms: number;
  work: (tx: Sql, content: Content) => Promise<Result>;
}

/**
 * Does work on tickets. Where it fails by some of them, it is done with these as tickets that cannot
 * be read: they cost their events a complete count, and nobody else anything.
 */
export async function isolatingTickets<Content extends PageContent, Result>(
  sql: Pool,
  content: Content,
  { ms, work }: Isolation<Content, Result>,
): Promise<Result> {
  const attempt = (some: Content) => beginWithin(sql, ms, (tx) => work(tx, some));
  try {
    return await attempt(content);
  } catch (error) {
    const failureOf = trial(sql, content, { ms, work });
    if (!isOfTickets(error) || (await failureOf([])) !== undefined) throw error;
    const broken = await bisect(content.tickets, error, failureOf);
    const ids = new Set(broken.map(({ id }) => id));
    const tickets = content.tickets.filter(({ _id }) => !ids.has(_id));
    return attempt({ ...content, tickets, malformed: [...content.malformed, ...broken] });
  }
}

const isOfTickets = (error: unknown) => ["item", "unexpected"].includes(blameOf(error));

const undo = new Error("only tried");

/** What the work fails with on these tickets alone; nothing of it is kept. */
function trial<Content extends PageContent, Result>(
  sql: Pool,
  content: Content,
  { ms, work }: Isolation<Content, Result>,
) {
  return async (tickets: Ticket[]): Promise<unknown> => {
    const trying = beginWithin(sql, ms, async (tx) => {
      await work(tx, { ...content, tickets, malformed: [] });
      throw undo;
    });
    const error = await trying.catch((thrown: unknown) => thrown);
    if (error === undo) return undefined;
    if (!isOfTickets(error)) throw error;
    return error;
  };
}

/** Those that the work fails with, of tickets with which it failed. */
async function bisect(
  tickets: Ticket[],
  error: unknown,
  failureOf: (tickets: Ticket[]) => Promise<unknown>,
): Promise<MalformedTicket[]> {
  const [first] = tickets;
  if (first && tickets.length === 1) return [brokenBy(error, first)];
  const half = Math.ceil(tickets.length / 2);
  const broken: MalformedTicket[] = [];
  for (const some of [tickets.slice(0, half), tickets.slice(half)]) {
    const failure = some.length > 0 ? await failureOf(some) : undefined;
    if (failure !== undefined) broken.push(...(await bisect(some, failure, failureOf)));
  }
  return broken;
}

const brokenBy = (error: unknown, { _id: id, eventId }: Ticket): MalformedTicket => ({
  id,
  eventId,
  createdAt: null,
  updatedAt: null,
  reason: `it could not be kept: ${causeOf(error)}`,
});
