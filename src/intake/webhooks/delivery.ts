import { z } from "zod";
import { OptionalId } from "../../vivenu/fields.ts";
import { Delivery as FullDelivery } from "../../vivenu/wire.ts";
import { excessOf } from "./bounds.ts";
import { requestsRecount } from "./delivery-types.ts";

/**
 * One order's tickets are for one event, or a few; a ticket is a kilobyte of JSON. What holds more is
 * nothing that Vivenu sends, and would cost every other delivery its time.
 */
const MOST_TICKETS = 10_000;
const MOST_EVENTS = 100;

/** Of the types that are only counted, nothing is known of `data`, not even that it is there. */
const Delivery = FullDelivery.extend({ data: z.unknown().optional() });
type Delivery = z.infer<typeof Delivery>;

export interface ReadDelivery {
  type: string;
  mode: Delivery["mode"];
  sellerId: string | null;
  /** Of a ticket or a transaction nothing is kept but which events it is for. */
  eventIds: string[];
}

/** The delivery, or what is wrong with it: the names of fields, never what is in them. */
export async function readDelivery(body: Uint8Array): Promise<ReadDelivery | string> {
  const excess = await excessOf(body);
  if (excess !== undefined) return `not a webhook of Vivenu's: ${excess}`;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return "the body is not JSON";
  }
  const parsed = Delivery.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join(".") || "the body").join(", ");
    return `not a webhook of Vivenu's: ${fields}`;
  }
  const eventIds = eventIdsOf(parsed.data);
  if (typeof eventIds === "string") return `not a webhook of Vivenu's: ${eventIds}`;
  const { type, mode, sellerId } = parsed.data;
  return { type, mode, sellerId, eventIds };
}

const Sold = z.object({ eventId: z.unknown() }).catch({ eventId: null });
const Sale = z.object({
  ticket: Sold,
  transaction: Sold,
  tickets: z.array(z.unknown()).catch([]),
});

/** The events of which it requests a recount, wherever in `data` they stand. */
function eventIdsOf({ type, data }: Delivery): string[] | string {
  if (!requestsRecount(type)) return [];
  const sale = Sale.safeParse(data).data;
  if (!sale) return [];
  const { ticket, transaction, tickets } = sale;
  if (tickets.length > MOST_TICKETS) return `more than ${MOST_TICKETS} tickets`;
  const named = [ticket, transaction, ...tickets].map((sold) => Sold.parse(sold).eventId);
  const eventIds = [...new Set(named)].flatMap((id) => OptionalId.parse(id) ?? []);
  return eventIds.length > MOST_EVENTS ? `tickets of more than ${MOST_EVENTS} events` : eventIds;
}
