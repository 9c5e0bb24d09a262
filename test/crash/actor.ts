import { between, pick, pickWeighted, type Random } from "../../sandbox/random.ts";
import type { Outside } from "../support/outside.ts";

const MOST_COPIES = 4;
const MOST_TICKETS = 60;

interface Shown {
  _id: string;
  tickets: { _id: string; amount: number }[];
  underShops?: { _id: string }[];
}

/**
 * An organiser and a crowd in the played Vivenu: each call of `act` changes one thing, and Vivenu sends
 * the webhooks for it. The events that were there at the start are never deleted.
 */
export async function actor({ vivenu }: Outside, random: Random) {
  const events: Shown[] = [];
  const copies: string[] = [];
  const tickets: string[] = [];
  for (const { apiKey } of vivenu.accounts) {
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await fetch(`${vivenu.url}/api/events?top=1000&skip=0`, { headers });
    // The cast: the played Vivenu's documents are held by its own tests.
    events.push(...((await response.json()) as { rows: Shown[] }).rows);
  }
  const done: Record<string, number> = {};

  /** Undefined where the season refuses, because the ticket is invalid or the event gone by now. */
  async function ask<T>(method: string, path: string, body?: object): Promise<T | undefined> {
    const response = await fetch(`${vivenu.url}/sandbox${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.ok) return (await response.json()) as T;
    if (response.status === 404 || response.status === 409) return undefined;
    throw new Error(`the played Vivenu answered ${response.status} to ${method} ${path}`);
  }

  const changes: Record<string, { weight: () => number; make: () => Promise<unknown> }> = {
    rename: {
      weight: () => 15,
      make: () => patch({ name: `HYROX Somewhere ${between(random, 1, 9_999)}` }),
    },
    moveLaunch: {
      weight: () => 15,
      make: () => {
        const day = new Date(Date.UTC(2031, 0, between(random, 1, 300)));
        return patch({ sellStart: day.toISOString() });
      },
    },
    changeAmount: {
      weight: () => 15,
      make: async () => {
        const event = pick(random, events);
        const type = event && pick(random, event.tickets);
        const amount = between(random, 0, 900);
        if (event && type)
          await ask("PATCH", `/events/${event._id}/ticket-types/${type._id}`, { amount });
      },
    },
    sell: { weight: () => 30, make: sell },
    refund: { weight: () => Math.min(10, tickets.length), make: () => change("refund") },
    transfer: { weight: () => Math.min(8, tickets.length), make: () => change("transfer") },
    copy: {
      weight: () => (copies.length < MOST_COPIES ? 4 : 0),
      make: async () => {
        const event = pick(random, events);
        const copy =
          event &&
          (await ask<Shown>("POST", `/events/${event._id}/copies`, { name: "HYROX Elsewhere" }));
        if (copy) {
          events.push(copy);
          copies.push(copy._id);
        }
      },
    },
    delete: {
      weight: () => copies.length,
      make: async () => {
        const id = copies.shift();
        if (id) await ask("DELETE", `/events/${id}`);
        const at = events.findIndex(({ _id }) => _id === id);
        if (at >= 0) events.splice(at, 1);
      },
    },
  };

  function patch(body: object) {
    const event = pick(random, events);
    return event ? ask("PATCH", `/events/${event._id}`, body) : Promise.resolve();
  }

  async function sell() {
    const event = pick(random, events);
    const type = event && pick(random, event.tickets);
    if (!event || !type) return;
    const status = pickWeighted(random, ["VALID", "RESERVED"], (one) => (one === "VALID" ? 9 : 1));
    const order = { ticketTypeId: type._id, count: between(random, 1, 3), status };
    const sold = await ask<{ tickets: { id: string; status: string }[] }>(
      "POST",
      `/events/${event._id}/sales`,
      order,
    );
    for (const { id, status } of sold?.tickets ?? []) if (status === "VALID") tickets.push(id);
    tickets.splice(0, tickets.length - MOST_TICKETS);
  }

  async function change(how: "refund" | "transfer") {
    const at = between(random, 0, tickets.length - 1);
    const [id] = tickets.splice(at, 1);
    if (!id) return;
    const changed = await ask<{ tickets: { id: string; status: string }[] }>(
      "POST",
      `/tickets/${id}/${how}`,
    );
    for (const { id, status } of changed?.tickets ?? []) if (status === "VALID") tickets.push(id);
  }

  return {
    /** How often each change was made. */
    done: done as Readonly<Record<string, number>>,
    async act() {
      const name = pickWeighted(random, Object.keys(changes), (one) => changes[one]?.weight() ?? 0);
      if (name === undefined) return;
      await changes[name]?.make();
      done[name] = (done[name] ?? 0) + 1;
    },
  };
}

export type Actor = Awaited<ReturnType<typeof actor>>;
