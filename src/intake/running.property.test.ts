import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { freshDatabase, type TestDatabase } from "../../test/database.ts";
import { type ModelTicket, modelVivenu } from "../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  log,
  MINUTE,
  never,
  readPayloads,
  SECOND,
} from "../../test/intake.ts";
import type { SalesCounted } from "../contracts/index.ts";
import { countTickets } from "../rules/count.ts";
import { Ticket } from "../vivenu/wire.ts";
import { readKnownEvents } from "./events.ts";
import { poller } from "./poller.ts";
import { defaultRunning } from "./running-counts.ts";
import { countable } from "./ticket-state.ts";

const EVENTS = ["68f0000000000000000000a1", "68f0000000000000000000a2"];
const TYPES = ["68f000000000000000000101", "68f000000000000000000102", "68f000000000000000000108"];

/** What people do in Vivenu, and what we do meanwhile. */
type Step = { does: string; event: number; type: number; ticket: number; ms: number };

const sales = ["sell", "sell", "undershop", "comp", "import", "reserve"];
const changes = ["refund", "transfer", "upgrade", "pay", "touch", "garble", "sixthStatus"];
const events = ["rename", "delete", "create"];
const ours = ["wait", "wait", "changes", "full", "follow", "hint", "crash"];
const step = fc.record({
  does: fc.constantFrom(...sales, ...changes, ...changes, ...events, ...ours, ...ours),
  event: fc.nat(1),
  type: fc.nat(2),
  ticket: fc.nat(40),
  ms: fc.constantFrom(0, 1, 700, 5 * SECOND, MINUTE, 20 * MINUTE, 3 * HOUR),
});

const history = fc.record({
  steps: fc.array(step, { minLength: 5, maxLength: 30 }),
  /** What is done while our requests are under way. */
  meanwhile: fc.array(step, { maxLength: 12 }),
  order: fc.constantFrom("newest" as const, "oldest" as const, "shuffled" as const),
  pageSize: fc.constantFrom(3, 10, 1_000),
  /** By what the last counts come. */
  last: fc.constantFrom("changes" as const, "full" as const, "hint" as const, "follow" as const),
});

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

function playHistory({
  meanwhile,
  order,
  pageSize,
}: Pick<
  typeof history extends fc.Arbitrary<infer T> ? T : never,
  "meanwhile" | "order" | "pageSize"
>) {
  const clock = handClock();
  const waiting = [...meanwhile];
  let dieAt: number | undefined;
  const model = modelVivenu({
    now: clock.now,
    order,
    onRequest: (number) => {
      if (dieAt !== undefined && number >= dieAt) throw new Error("the process dies");
      const next = number % 3 === 2 ? waiting.shift() : undefined;
      if (next) people(next);
    },
  });
  const client = clientFor({
    baseUrl: "https://vivenu.example.com",
    clock,
    fetch: (url) => model.fetch(url).catch(() => new Response("", { status: 400 })),
  });
  const polling = () =>
    poller({
      ...{ sql: database.sql, filter: hyrox, pageSize, settleMs: 2 * SECOND, clock, log },
      running: defaultRunning,
    });
  for (const [index, _id] of EVENTS.entries())
    model.putEvent({ ...eventJson(), _id, name: `HYROX ${index}` });

  function people({ does, event, type, ticket }: Step) {
    const eventId = EVENTS[event] ?? "";
    const ticketTypeId = TYPES[type] ?? "";
    const all = [...model.tickets.values()];
    const chosen = all[ticket % Math.max(all.length, 1)];
    const replace = (origin: string, changed: Partial<ModelTicket>) => {
      if (!chosen || chosen.status === "INVALID") return;
      model.change(chosen._id, { status: "INVALID" });
      model.put({
        ...idless(chosen),
        status: "VALID",
        originTicketId: chosen._id,
        origin,
        ...changed,
      });
    };
    const put = (more: Partial<ModelTicket> = {}) =>
      model.put({ eventId, ticketTypeId, origin: "yourticket", ...more });
    const acts: Record<string, () => void> = {
      sell: () => void put({ addOns: ticket % 2 ? [{ name: "Flex Add-On" }] : [] }),
      undershop: () => void put({ underShopId: "shop1" }),
      comp: () => void put({ transactionId: "", realPrice: 0 }),
      reserve: () => void put({ status: "RESERVED" }),
      import: () => {
        for (let i = 0; i <= ticket; i += 1) put({ transactionId: "", realPrice: 0 });
      },
      refund: () => model.change(chosen?._id ?? "", { status: "INVALID" }),
      pay: () => model.change(chosen?._id ?? "", { status: "DETAILSREQUIRED" }),
      touch: () => model.change(chosen?._id ?? "", {}),
      garble: () => model.change(chosen?._id ?? "", { status: GARBLED }),
      sixthStatus: () => model.change(chosen?._id ?? "", { status: SIXTH }),
      transfer: () => replace("transfer", {}),
      upgrade: () => replace("upgrade", { ticketTypeId }),
      rename: () => rename(eventId, ticket),
      delete: () => model.deleteEvent(eventId),
      create: () => model.putEvent({ ...eventJson(), _id: eventId, name: `HYROX again ${ticket}` }),
    };
    acts[does]?.();
  }

  function rename(eventId: string, number: number) {
    const event = model.events.get(eventId);
    if (event) model.putEvent({ ...event, name: `RACE ${number}` });
  }

  async function we({ does, event, ticket }: Pick<Step, "does" | "event" | "ticket">) {
    const { pollAccount, pollEvent, followAccount } = polling();
    const acts: Record<string, () => Promise<unknown>> = {
      changes: () => pollAccount(client, never, { mode: "changes" }),
      full: () => pollAccount(client, never),
      follow: () =>
        followAccount(client, never, { overlapMs: MINUTE, withEvents: ticket % 2 === 0 }),
      hint: () => pollEvent(client, EVENTS[event] ?? "", never),
      async crash() {
        dieAt = model.urls.length + (ticket % 7);
        await pollAccount(client, never, { mode: ticket % 2 ? "full" : "changes" });
        dieAt = undefined;
      },
    };
    await acts[does]?.().catch(() => {});
  }

  return {
    model,
    async take(step: Step) {
      clock.forward(step.ms);
      people(step);
      await we(step);
    },
    async quiet(last: string) {
      waiting.length = 0;
      clock.forward(HOUR);
      if (last === "hint") for (const event of [0, 1]) await we({ does: "hint", event, ticket: 0 });
      // The first reading of an account is a poll.
      else if (last === "follow") await we({ does: "changes", event: 0, ticket: 0 });
      clock.forward(MINUTE);
      await we({ does: last, event: 1, ticket: 0 });
      if (last === "hint") await we({ does: last, event: 0, ticket: 0 });
    },
  };
}

/** What no documented ticket has: the casts are Vivenu's doing. */
const GARBLED = "" as ModelTicket["status"];
const SIXTH = "HELD" as ModelTicket["status"];

const idless = ({ _id, createdAt, updatedAt, email, ...ticket }: ModelTicket) => ticket;

test(
  "after quiet the log says what Vivenu has, however it was counted",
  () =>
    fc.assert(
      fc.asyncProperty(history, async ({ steps, last, ...given }) => {
        await database.sql`
        truncate outbox, seller, event_seen, count_seen, ticket_state, running_count, poll_state,
          account_reading, ticket_unread, ticket_reading, ticket_reading_page
      `;
        const { model, take, quiet } = playHistory(given);
        for (const step of steps) await take(step);
        await quiet(last);
        const told = toldBy(await readPayloads(database.sql, "sales.counted.0"));
        const watched = await readKnownEvents(database.sql, "DACH");
        for (const { _id: eventId, name } of model.events.values()) {
          // One that was renamed before anybody saw it is not ours.
          if (!watched.includes(eventId) && !name.startsWith("HYROX")) continue;
          const tickets = [...model.tickets.values()].filter((t) => t.eventId === eventId);
          const readable = tickets.filter(({ status }) => status !== GARBLED);
          const complete = readable.length === tickets.length;
          expect({ eventId, ...told(eventId) }).toEqual({
            ...{ eventId, complete, numbers: numbersOf(readable) },
          });
        }
      }),
      { numRuns: Number(process.env.HISTORIES ?? 30) },
    ),
  600_000,
);

type Numbers = Record<string, number>;

/** What the model's tickets count as, zeros left out. */
function numbersOf(tickets: ModelTicket[]): Numbers {
  const secondary = new Set<string>();
  const { ticketTypes } = countTickets(
    tickets.map((t) => countable(Ticket.parse(t))),
    [],
    secondary,
  );
  return Object.assign(
    {},
    ...ticketTypes.map(({ newSalesByHour, replacementsByHour, ...numbers }) =>
      flat({ ...numbers, newSales: newSalesByHour, replacements: replacementsByHour }),
    ),
  );
}

const flat = ({
  ticketTypeId,
  newSales,
  replacements,
  ...numbers
}: SalesCounted["ticketTypes"][number]): Numbers =>
  Object.fromEntries(
    [
      ...Object.entries(numbers),
      ...Object.entries(newSales).map(([hour, n]) => [`new ${hour}`, n] as const),
      ...Object.entries(replacements).map(([hour, n]) => [`replaced ${hour}`, n] as const),
    ]
      .filter((named): named is [string, number] => Boolean(named[1]))
      .map(([name, n]) => [`${ticketTypeId} ${name}`, n]),
  );

/** The newest word of the log on every number of an event. */
function toldBy(counts: SalesCounted[]) {
  return (eventId: string) => {
    const numbers = new Map<string, number>();
    const ordered = counts
      .filter((count) => count.eventId === eventId)
      .sort((a, b) => a.countedAt.localeCompare(b.countedAt));
    const newest = ordered.at(-1);
    // One that is not complete is no base for another: it says what differs from the last complete one.
    for (const { ticketTypes } of ordered.filter((c) => c.complete || c === newest))
      for (const type of ticketTypes) {
        for (const name of numbers.keys())
          if (name.startsWith(`${type.ticketTypeId} `) && !/ (new|replaced) /.test(name))
            numbers.delete(name);
        for (const hour of Object.keys(type.newSales))
          numbers.delete(`${type.ticketTypeId} new ${hour}`);
        for (const hour of Object.keys(type.replacements))
          numbers.delete(`${type.ticketTypeId} replaced ${hour}`);
        for (const [name, n] of Object.entries(flat(type))) numbers.set(name, n);
      }
    return { complete: newest?.complete, numbers: Object.fromEntries(numbers) };
  };
}
