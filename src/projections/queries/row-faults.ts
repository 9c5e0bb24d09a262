import { blameOf } from "../../database/fault.ts";

/**
 * Told of an event of which something could not be made of what is kept: its data must not take the
 * others' with it, and is not left out in silence.
 */
export type OnEventFault = (eventId: string, error: unknown) => void;

/** What `make` makes of one event; nothing, and a word about it, where it fails. */
export function aloneOf<Result>(
  eventId: string,
  make: () => Result[],
  onFault: OnEventFault | undefined,
): Result[] {
  try {
    return make();
  } catch (error) {
    if (!onFault) throw error;
    onFault(eventId, error);
    return [];
  }
}

/** The same where PostgreSQL is asked, whose outage is no event's fault. */
export async function aloneWithin<Result>(
  eventId: string,
  make: () => Promise<Result[]>,
  onFault: OnEventFault | undefined,
): Promise<Result[]> {
  try {
    return await make();
  } catch (error) {
    if (!onFault || ["outage", "slow"].includes(blameOf(error))) throw error;
    onFault(eventId, error);
    return [];
  }
}
