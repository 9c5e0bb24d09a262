import type { Sql } from "../../database/connect.ts";
import { agoMs } from "../../lib/clock.ts";
import { Failure, isFailure } from "../../lib/failure.ts";
import { isSold, soldStatuses } from "../../rules/count.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { idsOf, type PageContent } from "../../vivenu/ticket-page.ts";
import { saveDoubt } from "../store/baselines.ts";
import { readAnyTicketId, readOtherTickets, type TicketState } from "../store/ticket-states.ts";

/** Of what is sold so much may be missing before anybody asks; a count of the next day finds out as well. */
const FEW_SHARE = 0.01;
/** So long a list is not believed that nobody else can confirm: a poll that failed comes again after an hour. */
const DOUBT_MS = 50 * 60_000;

interface Asking {
  client: Pick<VivenuClient, "region" | "readTicketStanding" | "readTicketTotal" | "readEvent">;
  eventId: string;
  until: Date;
  now: Date;
  signal: AbortSignal;
}

/**
 * A list that lacks what was sold is one witness, and an empty one that a gateway or an index that is built anew
 * gives is a list as well. So some of the tickets that it lacks are asked for by themselves. Says why the list
 * is not believed: Vivenu still has one of them, sold, and of this event. Where the key may not ask that, the
 * number of those sold has to agree, and the next count an hour later.
 */
export async function whyNotMissing(
  sql: Sql,
  asking: Asking,
  reading: PageContent,
): Promise<string | undefined> {
  const { client, eventId, until, signal } = asking;
  const others = await readOtherTickets(sql, {
    ...{ account: client.region, eventId, until },
    ticketIds: idsOf(reading),
  });
  const missing = others.filter(isSold);
  const listed = reading.tickets.filter(isSold).length;
  const sold = missing.length + listed;
  if (missing.length <= sold * FEW_SHARE) return undefined;
  const lacks = `its list lacks ${missing.length} of ${sold} that are sold`;
  for (const { ticketId } of someOf(missing)) {
    const standing = await readStanding(client, ticketId, signal);
    if (standing === REFUSED) {
      const why = await whyNotAlone(sql, asking, { lacks, listed, missing: missing.length });
      if (why !== undefined) return why;
      break;
    }
    if (standing?.eventId === eventId && isSold(standing))
      return `${lacks}, and Vivenu still has them`;
  }
  // Then the key sees nothing of it: whether the event is gone is for others to say.
  if (await isEventGone(asking)) return `${lacks}, and Vivenu answers 404 for the event itself`;
  return undefined;
}

async function isEventGone({ client, eventId, signal }: Asking): Promise<boolean> {
  try {
    return (await client.readEvent(eventId, { signal })) === undefined;
  } catch (error) {
    // It is there, and what is wrong with it is no matter of its tickets.
    if (isFailure(error, "malformed") || isFailure(error, "refused")) return false;
    throw error;
  }
}

/** The key is good for the list, and not for a ticket by itself. */
const REFUSED = "refused";

const readStanding = (client: Asking["client"], ticketId: string, signal: AbortSignal) =>
  client.readTicketStanding(ticketId, { signal }).catch((error): typeof REFUSED => {
    if (isFailure(error) && [401, 403].includes(Number(error.context.status))) return REFUSED;
    throw error;
  });

async function whyNotAlone(
  sql: Sql,
  { client, eventId, until, now, signal }: Asking,
  { lacks, listed, missing }: { lacks: string; listed: number; missing: number },
): Promise<string | undefined> {
  const filter = { eventId, createdUntil: until, statuses: soldStatuses };
  const total = await client.readTicketTotal(filter, { signal });
  if (total - listed > missing / 2) return `${lacks}, and Vivenu's own number of them is ${total}`;
  const since = await saveDoubt(sql, { account: client.region, eventId, at: now });
  if (agoMs(since.getTime(), now.getTime()) >= DOUBT_MS) return undefined;
  return `${lacks}, and the key may not ask for one of them by itself: it is believed where a count an hour later says the same`;
}

/** Why the account's key cannot confirm a list that lacks tickets; undefined where it can, or nothing is kept. */
export async function whyUnconfirmed(
  sql: Sql,
  client: VivenuClient,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const ticketId = await readAnyTicketId(sql, client.region);
  if (ticketId === undefined) return undefined;
  const standing = await readStanding(client, ticketId, signal).catch((error) => {
    // No answer is no refusal, and all else was read.
    if (isFailure(error)) return undefined;
    throw error;
  });
  if (standing !== REFUSED) return undefined;
  return new Failure(
    "refused",
    `the key of ${client.region} lists tickets and may not read one by itself: a list that lacks sold tickets is believed an hour later instead of at once; give it a key that may`,
    { account: client.region },
  );
}

/** The first that was created, the last, and the one in the middle. */
function someOf(tickets: readonly TicketState[]): TicketState[] {
  const byAge = tickets.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  const places = new Set([0, byAge.length >> 1, byAge.length - 1]);
  return [...places].flatMap((place) => byAge[place] ?? []);
}
