import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import type { TestDatabase } from "../../test/support/database.ts";
import {
  asRead,
  eventDeleted,
  eventUpdated,
  pollFinished,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../test/support/facts.ts";
import { projections, readAllRows } from "../../test/support/given.ts";
import { noise } from "../../test/support/noise.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import { runs } from "../../test/support/runs.ts";
import { contracts, type EventType, type NewFact } from "../contracts/index.ts";
import type { Pool, Sql } from "../database/connect.ts";
import { isFailure } from "../lib/failure.ts";
import { readLastPolls } from "../projections/tables/polls.ts";
import { enqueue } from "./outbox.ts";

/** One of each kind, in which nothing is empty. */
const whole: Record<EventType, NewFact> = {
  "event.updated.0": eventUpdated({
    idempotencyKey: "key",
    childEventIds: ["child"],
    unreadable: ["sellStart"],
    createdAt: "2026-01-01T00:00:00.000Z",
    visibleAfter: "2026-02-01T00:00:00.000Z",
    maxAmount: 500,
    categories: [{ ref: "ref", name: "A category", amount: 100 }],
    ticketTypes: [
      ticketType({
        categoryRef: "ref",
        allocations: [{ underShopId: "partners", amount: 10, active: true }],
      }),
    ],
    underShops: [
      underShop({
        sellStart: "2026-02-01T00:00:00.000Z",
        sellEnd: "2026-03-01T00:00:00.000Z",
        maxAmount: 10,
        customerTags: ["tag"],
      }),
    ],
  }),
  "event.deleted.0": eventDeleted({ idempotencyKey: "key", name: "HYROX Testville" }),
  "sales.counted.0": salesCounted({ idempotencyKey: "key", ticketTypes: [counted()] }),
  "sales.changed.0": salesChanged({ idempotencyKey: "key", ticketTypes: [counted()] }),
  "poll.finished.0": pollFinished({
    idempotencyKey: "key",
    failures: [{ eventId: "event", kind: "fault", reason: "a reason" }],
  }),
};

function counted() {
  return typeCount({
    ...{ sold: 3, unknown: 1, soldUnderShop: 1, soldByUnderShop: { partners: 1 } },
    ...{ newSales: { "2026-02-12T11": 2 }, replacements: { "2026-02-12T12": 1 } },
  });
}

/** Values that a field may meet, at the edges of every column there is. */
const texts = [
  ...["", " ", "\u0000", "a\u0000b", "\ud83d", "\udc00 half", "😀", "\\u0000", "'; drop", "\n\t\r"],
  ...[
    "\ufeff",
    "NaN",
    "null",
    "infinity",
    "constructor",
    "__proto__",
    "EUR",
    "€€€",
    "Mars/Olympus",
  ],
  ...[noise(500), noise(2_700), noise(9_000), "x".repeat(30_000), "ü".repeat(255), "poll"],
  ...["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "0000-01-01T00", "2026-02-12T23"],
];
const instants = [
  ...["0000-01-01T00:00:00Z", "0000-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z"],
  ...["0026-12-01T10:00:00.000Z", "0099-12-31T23:59:59Z", "1582-10-10T00:00:00Z"],
  ...["1969-12-31T23:59:59.999Z", "2026-06-30T23:59:59.999999999Z", "2038-01-19T03:14:08Z"],
  ...["2024-02-29T00:00:00Z", "9999-12-31T23:59:59.999Z", "+010000-01-01T00:00:00Z"],
  ...["2026-02-30T00:00:00Z", "-000001-01-01T00:00:00Z", "2026-02-12T24:00:00Z"],
  ...["infinity", "-infinity", "epoch", "now", "", "2026-02-12", "2026-02-12T10:00:00+01:00"],
];
const hours = [
  ...["0000-01-01T00", "0001-01-01T00", "0099-12-31T23", "2026-02-12T23", "2026-02-12T24"],
  ...["2026-02-30T00", "2026-13-01T00", "2026-00-00T00", "9999-12-31T23", "2026-02-12T99"],
];
const numbers = [
  ...[0, -0, 1, -1, 0.5, 2 ** 15, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1],
  ...[2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, 1e21, 1e300, Number.NaN, Infinity, -Infinity],
];

function extremesFor(value: unknown): unknown[] {
  if (typeof value === "number") return numbers;
  if (typeof value === "boolean") return [true, false];
  return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? instants : texts;
}

type Path = (string | number)[];
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Every place in a document where there is no further one within. */
function* leavesOf(value: unknown, path: Path = []): Generator<Path> {
  if (!isObject(value)) yield path;
  else
    for (const [key, inner] of Object.entries(value))
      yield* leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** Every place whose own name is content: the keys of records. */
const recordsOf = (eventType: EventType): Path[] =>
  eventType.startsWith("sales")
    ? ["newSales", "replacements", "soldByUnderShop"].map((name) => ["ticketTypes", 0, name])
    : [];

function at(value: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function changed(payload: object, path: Path, to: unknown): object {
  const copy = structuredClone(payload);
  const holder = at(copy, path.slice(0, -1));
  if (isObject(holder)) holder[path.at(-1) ?? ""] = to;
  return copy;
}

interface Case {
  where: string;
  payload: object;
}

function* casesOf(eventType: EventType): Generator<Case> {
  const { payload } = whole[eventType];
  for (const path of leavesOf(payload)) {
    for (const value of [...extremesFor(at(payload, path)), null])
      yield { where: `${path.join(".")} = ${said(value)}`, payload: changed(payload, path, value) };
  }
  for (const path of recordsOf(eventType))
    for (const key of [...hours, ...texts])
      yield {
        where: `${path.join(".")} has ${said(key)}`,
        payload: changed(payload, path, { [key]: 1 }),
      };
  for (const list of ["ticketTypes", "underShops", "categories", "failures"]) {
    const items = at(payload, [list]);
    if (!Array.isArray(items)) continue;
    yield { where: `${list} twice`, payload: changed(payload, [list], [...items, ...items]) };
    yield { where: `no ${list}`, payload: changed(payload, [list], []) };
  }
}

const said = (value: unknown) => String(JSON.stringify(value)).slice(0, 40);

let database: TestDatabase;
beforeAll(async () => {
  database = await reusedDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const undo = new Error("only tried");
const NOW = new Date("2026-04-01T00:00:00Z");

const MANY = 1_000;

/** As many as share a transaction. */
const AT_ONCE = 50;

/**
 * Enqueues the facts, and makes rows of them as the reader does, each between one before and one that comes
 * late. Several share a transaction, and an event each of its own: where something is wrong with one,
 * each is tried alone.
 */
async function outcomesOf(eventType: EventType, cases: Case[]): Promise<string[]> {
  const outcomes = await tryTogether(eventType, cases);
  if (cases.length === 1 || outcomes.every((outcome) => ["applied", "refused"].includes(outcome)))
    return outcomes;
  const alone: string[] = [];
  for (const one of cases) alone.push(...(await tryTogether(eventType, [one])));
  return alone;
}

async function tryTogether(eventType: EventType, cases: Case[]): Promise<string[]> {
  const outcomes: string[] = [];
  const blame = (reason: string) =>
    cases.map((_, n) => (outcomes[n] === "refused" ? "refused" : reason));
  try {
    await database.sql.begin(async (tx) => {
      for (const [n, { payload }] of cases.entries())
        outcomes.push(
          await outcomeOfEnqueue(tx, { eventType, payload: apart(eventType, payload, n) }),
        );
      const kept = await tx<{ payload: unknown }[]>`select payload from outbox order by outbox_id`;
      const parsed = kept.map(({ payload }) => contracts[eventType].payload.safeParse(payload));
      const facts = parsed.flatMap(({ data }) => (data ? [{ eventType, payload: data }] : []));
      if (facts.length !== outcomes.filter((outcome) => outcome === "applied").length)
        outcomes.splice(0, cases.length, ...blame("it is another one when it comes back"));
      // The cast: TypeScript does not relate an event type that varies to its payload.
      else
        await applyAll(tx, facts as NewFact[]).catch((error) => {
          outcomes.splice(0, cases.length, ...blame(`the projection threw ${error}`));
        });
      throw undo;
    });
  } catch (error) {
    if (error !== undo) return blame(`threw ${error}`);
  }
  return outcomes;
}

async function outcomeOfEnqueue(tx: Sql, fact: { eventType: EventType; payload: object }) {
  try {
    // The cast: whether it is one is what is asked.
    await enqueue(tx, [fact as NewFact], NOW);
    return "applied";
  } catch (error) {
    if (isFailure(error, "malformed")) return "refused";
    throw new Error(`enqueue threw ${error}`);
  }
}

/** Of an event, an account and a key of its own, unless it is these that are other than they should be. */
function apart(eventType: EventType, payload: object, n: number): object {
  const own = Object.entries(whole[eventType].payload).filter(
    ([name, value]) => OF_ITS_OWN.includes(name) && Reflect.get(payload, name) === value,
  );
  return { ...payload, ...Object.fromEntries(own.map(([name, value]) => [name, `${value} ${n}`])) };
}

const OF_ITS_OWN = ["eventId", "account", "idempotencyKey"];

async function applyAll(tx: Sql, facts: NewFact[]) {
  const besides = (day: string) => facts.map((fact) => beside(fact, day));
  for (const page of [besides("2026-01-15"), besides("2026-03-15"), facts, besides("2026-02-20")])
    for (const projection of projections)
      await projection.apply(
        tx,
        page.map((fact) => asRead(fact)),
      );
  const pool = inside(tx);
  await readAllRows(pool, NOW);
  await readLastPolls(pool);
}

/** What reads rows begins a transaction of its own; here it is the one that is undone. */
const inside = (tx: Sql) =>
  // The cast: a pool, as far as reading goes.
  new Proxy(tx as Pool, {
    get: (pool, name) =>
      name === "begin"
        ? (_: string, work: (sql: Sql) => unknown) => work(tx)
        : Reflect.get(pool, name),
  });

/** The fact that is as it should be, of another day, and of the same event and account. */
function beside({ eventType, payload }: NewFact, day: string): NewFact {
  const moment = `${day}T10:00:00.000Z`;
  const base: Record<string, unknown> = { ...structuredClone(whole[eventType].payload) };
  for (const name of ["observedAt", "updatedAt", "countedAt", "startedAt", "finishedAt"])
    if (name in base) base[name] = moment;
  for (const name of ["eventId", "account"])
    if (name in payload) base[name] = Reflect.get(payload, name);
  // The cast: a whole fact in which times and names were exchanged.
  return { eventType, payload: { ...base, idempotencyKey: `key of ${day}` } } as NewFact;
}

const eventTypes = Object.keys(contracts) as EventType[];

test.each(eventTypes)(
  "whatever is in a field of %s: what is enqueued can be applied, and rows are read of it",
  async (eventType) => {
    const outcomes: Record<string, string[]> = {};
    const all = [...casesOf(eventType)];
    // Of many fields each meets every third value, and the next one others; all where there is more time.
    const cases = all.filter((_, place) => all.length < MANY || place % 3 < runs(1));
    for (let from = 0; from < cases.length; from += AT_ONCE) {
      const some = cases.slice(from, from + AT_ONCE);
      for (const [n, outcome] of (await outcomesOf(eventType, some)).entries())
        outcomes[outcome] = [...(outcomes[outcome] ?? []), some[n]?.where ?? ""];
    }
    const { applied = [], refused = [], ...others } = outcomes;
    const wrong = Object.entries(others).map(([outcome, where]) => [outcome, where.slice(0, 5)]);
    expect(wrong).toEqual([]);
    expect(applied.length).toBeGreaterThan(20);
    expect(refused.length).toBeGreaterThan(20);
    // What nobody can object to is not refused.
    for (const fine of ['= "😀"', "= 2147483647", '= "9999-12-31T23:59:59.999Z"'])
      if (fine !== "= 2147483647" || eventType !== "event.deleted.0")
        expect(applied.filter((where) => where.endsWith(fine))).not.toEqual([]);
  },
  300_000,
);

test("no field of any contract is left out: a new one is tried as well", () => {
  for (const eventType of eventTypes) {
    const tried = new Set(Object.keys(whole[eventType].payload));
    const schema: unknown = contracts[eventType].payload;
    if (!(schema instanceof z.ZodObject)) throw new Error(`${eventType} is no object`);
    expect(tried).toEqual(new Set(Object.keys(schema.shape)));
  }
});

test.each([
  ["start", { start: "0000-01-01T00:00:00Z" }, "start: a date that an event cannot have"],
  ["a number", { ticketTypes: [ticketType({ amount: 2 ** 40 })] }, "ticketTypes.0.amount"],
  ["an id", { eventId: noise(3_000) }, "eventId: an id that is too long"],
])(
  "%s that no row can hold is refused before it is in the log, by the field's name",
  (_, said, words) => {
    const putting = database.sql.begin((tx) => enqueue(tx, [eventUpdated(said)], NOW));
    expect(putting).rejects.toThrow(words);
  },
);
