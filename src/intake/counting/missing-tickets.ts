import type { Sql } from "../../database/connect.ts";
import { isFailure } from "../../lib/failure.ts";
import { isSold } from "../../rules/count.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { idsOf, type PageContent } from "../../vivenu/ticket-page.ts";
import { readOtherTickets, type TicketState } from "../store/ticket-states.ts";

/** Of what is sold so much may be missing before anybody asks; a count of the next day finds out as well. */
const FEW_SHARE = 0.01;

interface Asking {
  client: Pick<VivenuClient, "region" | "readTicketStanding">;
  eventId: string;
  until: Date;
  signal: AbortSignal;
}

/**
 * A list that lacks what was sold is one witness, and an empty one that a gateway or an index that is built anew
 * gives is a list as well. So some of the tickets that it lacks are asked for by themselves. Says why the list
 * is not believed: Vivenu still has one of them, sold, and of this event.
 */
export async function whyNotMissing(
  sql: Sql,
  { client, eventId, until, signal }: Asking,
  reading: PageContent,
): Promise<string | undefined> {
  const others = await readOtherTickets(sql, {
    ...{ account: client.region, eventId, until },
    ticketIds: idsOf(reading),
  });
  const missing = others.filter(isSold);
  const sold = missing.length + reading.tickets.filter(isSold).length;
  if (missing.length <= sold * FEW_SHARE) return undefined;
  for (const { ticketId } of someOf(missing)) {
    const standing = await client.readTicketStanding(ticketId, { signal }).catch((error) => {
      // A key that is good for the list, and not for this, is told nothing by it.
      if (isFailure(error) && [401, 403].includes(Number(error.context.status))) return undefined;
      throw error;
    });
    if (standing?.eventId === eventId && isSold(standing))
      return `its list lacks ${missing.length} of ${sold} that are sold, and Vivenu still has them`;
  }
  return undefined;
}

/** The first that was created, the last, and the one in the middle. */
function someOf(tickets: readonly TicketState[]): TicketState[] {
  const byAge = tickets.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  const places = new Set([0, byAge.length >> 1, byAge.length - 1]);
  return [...places].flatMap((place) => byAge[place] ?? []);
}
