import { expect, test } from "bun:test";
import delivery from "../../../test/fixtures/vivenu/event.updated.json";
import { chance, mutate, NEW_FIELDS } from "../../../test/fixtures/vivenu/mutate.ts";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import vector from "../../../test/fixtures/vivenu/signature.json";
import page from "../../../test/fixtures/vivenu/tickets.page.json";
import { runs } from "../../../test/support/runs.ts";
import { seeds } from "../../../test/support/seed.ts";
import { contracts } from "../../contracts/index.ts";
import { isFailure } from "../../lib/failure.ts";
import { believed } from "../../lib/written-instant.ts";
import { countTickets } from "../../rules/count.ts";
import { parseEvents, parseTickets } from "../../vivenu/list-items.ts";
import { reportUnknown } from "../../vivenu/unknown-fields.ts";
import { describe, digestOf } from "../events/describe.ts";
import { countFacts, eventFacts } from "../events/fact-parts.ts";
import { countable } from "../store/ticket-states.ts";
import { eventOf } from "../webhooks/delivered.ts";
import { typeCountsOf } from "./record-count.ts";

/** Others with each commit; what is wrong with one in some thousands the next commits or the night find. */
const PAYLOADS = runs(2_500);
/** The same with each commit: four of them have such a field at other levels than those where all have them. */
const SAME = Array.from({ length: 400 }, (_, seed) => seed);
const EVENTS = [delivery.data.event, JSON.parse(vector.body).data.event];
const TYPES = [
  ...["event.created", "event.updated", "event.deleted", "ticket.created", "ticket.updated"],
  ...["transaction.complete", "transaction.canceled", "transaction.partiallyCanceled"],
];
const AT = "2026-06-01T00:00:00.000Z";
const subject = { key: "key", account: "DACH", source: "poll" as const, observedAt: AT };

const { logger, lines } = recordingLog();

/** What it throws is the payload's fault and says so; anything else is ours. */
function onlyMalformed<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (isFailure(error, "malformed")) return undefined;
    throw error;
  }
}

function tellEvent(event: ReturnType<typeof eventOf>, currency: string | null) {
  const description = describe(event, currency);
  expect(digestOf(description)).toHaveLength(20);
  // As whoever records it: an instant that no clock says is not in a fact.
  const updatedAt = believed(event.updatedAt ?? null, AT);
  const facts = onlyMalformed(() => eventFacts(subject, updatedAt, description));
  for (const { eventType, payload } of facts ?? [])
    expect(contracts[eventType].payload.safeParse(payload).error).toBeUndefined();
}

/** One of a list is changed: all others come out as they would have. */
function listOfEvents(seed: number) {
  const pick = chance(seed);
  const rows = [...EVENTS, mutate({ row: EVENTS[pick(EVENTS.length)] }, pick).row];
  reportUnknown(logger, "event", rows);
  const { read, malformed } = parseEvents(rows);
  expect(read.length + malformed.length).toBe(rows.length);
  expect(JSON.stringify(read.slice(0, EVENTS.length))).toBe(goodEvents);
  for (const event of read.slice(EVENTS.length)) tellEvent(event, pick(2) ? "EUR" : null);
}
const goodEvents = JSON.stringify(parseEvents(EVENTS).read);

function listOfTickets(seed: number) {
  const pick = chance(seed);
  const at = pick(page.rows.length);
  const rows: unknown[] = [...page.rows];
  rows[at] = mutate({ row: page.rows[at] }, pick).row;
  reportUnknown(logger, "ticket", rows);
  const { read, malformed } = parseTickets(rows);
  expect(read.length + malformed.length).toBe(rows.length);
  const others = malformed.length > 0 ? read : read.toSpliced(at, 1);
  expect(JSON.stringify(others)).toBe(JSON.stringify(goodTickets.toSpliced(at, 1)));
  const ticketTypes = typeCountsOf(countTickets(read.map(countable), []));
  const counted = { eventId: "e", countedAt: AT, complete: true, currencies: [] };
  for (const { payload } of countFacts(subject, {
    ...{ ...counted, ticketsRead: read.length, expectedTotal: rows.length, ticketTypes },
  }))
    expect(contracts["sales.counted.0"].payload.safeParse(payload).error).toBeUndefined();
}
const goodTickets = parseTickets(page.rows).read;

function webhook(seed: number) {
  const pick = chance(seed);
  const type = TYPES[pick(TYPES.length)] ?? "";
  const data = type.startsWith("event")
    ? { event: EVENTS[pick(EVENTS.length)] }
    : type.startsWith("ticket")
      ? { ticket: page.rows[0] }
      : { transaction: { _id: "transaction1" }, tickets: page.rows };
  const text = JSON.stringify(mutate({ ...delivery, type, data }, pick));
  const body = Buffer.from(pick(10) ? text : text.slice(0, pick(text.length)));
  const event = onlyMalformed(() => eventOf({ body, type }, logger));
  if (event) tellEvent(event, "EUR");
}

/** A field that Vivenu may add, at each level that has rows: chance need not come by every one. */
function addField(name: string) {
  // The cast: what is in it is of no matter here, and the files of the two events differ in it.
  const events = structuredClone(EVENTS) as Partial<Named>[];
  const shops = events.flatMap(({ underShops = [] }) => underShops);
  const types = [...events, ...shops].flatMap(({ tickets = [] }) => tickets);
  for (const holder of [...events, ...types]) Object.assign(holder, { [name]: 1 });
  reportUnknown(logger, "event", events);
  reportUnknown(logger, "ticket", [{ ...page.rows[0], [name]: 1 }]);
}

interface Named {
  tickets: object[];
  underShops: { tickets?: object[] }[];
}

test("thousands of changed payloads crash nothing, and cost what they changed only", () => {
  const kinds = [listOfEvents, listOfTickets, listOfTickets, webhook];
  for (const seed of [...SAME, ...seeds(PAYLOADS)]) {
    try {
      kinds[seed % kinds.length]?.(seed);
    } catch (error) {
      throw new Error(`payload ${seed}`, { cause: error });
    }
  }
  for (const name of NEW_FIELDS) addField(name);
  const fields = lines.map((line) => JSON.parse(line)).map(({ event, field }) => [event, field]);
  expect(fields.every(([event]) => event === "vivenu.unknown_field")).toBe(true);
  expect(new Set(fields.map(([, field]) => field)).size).toBe(fields.length);
  const levels = ["event", "event.tickets[]", "event.underShops[].tickets[]", "ticket"];
  for (const name of NEW_FIELDS)
    for (const level of levels)
      expect(fields).toContainEqual(["vivenu.unknown_field", `${level}.${name}`]);
  // At other levels a changed payload has them alone.
  expect(fields.length).toBeGreaterThan(levels.length * NEW_FIELDS.length);
});
