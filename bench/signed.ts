import { sign } from "../src/vivenu/signature.ts";
import type { Stack } from "./stack.ts";

export interface Signed {
  type: "transaction.complete" | "event.updated";
  bytes: number;
  /** One event after the other; without it those that the played Vivenu has. */
  eventIds?: string[];
  /** Of each event's name, behind it its number. */
  name?: string;
}

/** A sender of webhooks of a size, each of other bytes: the same bytes are the same delivery. */
export function signedWebhooks(stack: Stack, { type, bytes, eventIds, name = "bench" }: Signed) {
  const { region, webhookKey } = stack.account;
  const ids = eventIds ?? stack.eventIds;
  const filler = "x".repeat(bytes);
  const encoder = new TextEncoder();

  function bodyOf(index: number) {
    const id = crypto.randomUUID();
    const eventId = ids[index % ids.length];
    const at = new Date().toISOString();
    const event = {
      ...{ _id: eventId, name: `HYROX ${name} ${index}`, start: at, end: at, updatedAt: at },
      tickets: [],
      description: filler,
    };
    const transaction = { _id: id, eventId, note: filler };
    const data = type === "event.updated" ? { event } : { transaction, tickets: [] };
    return encoder.encode(JSON.stringify({ id, type, mode: "dev", data }));
  }

  return (url: string) => (index: number) => {
    const body = bodyOf(index);
    return fetch(`${url}/webhooks/vivenu/${region}`, {
      method: "POST",
      body,
      headers: { "x-vivenu-signature": sign(body, webhookKey) },
    });
  };
}
