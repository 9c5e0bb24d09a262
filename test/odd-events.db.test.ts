import { afterAll, beforeAll, expect, test } from "bun:test";
import { unzipSync } from "fflate";
import { dropDeliveries, readDeadDeliveries } from "../src/intake/store/dead-deliveries.ts";
import { ADMIN_KEY, raiseStage, type Stage, settled, until } from "./support/stage.ts";

interface EventJson {
  eventId: string;
  eventName: string;
  status: string;
  totalCapacity: number | null;
  totalSold: number | null;
  totalAvailable: number | null;
  availableToBuy: number | null;
}

interface TypeJson {
  ticketTypeId: string;
  class: string;
  capacity: number | null;
  availableToBuy: number | null;
}

interface ChangeJson {
  changeType: string;
  field: string;
  previousValue: unknown;
  newValue: unknown;
  severity: string;
}

interface ActJson {
  state: string;
  endedAt: string | null;
  result: string[] | null;
}

interface PlayedEvent {
  _id: string;
  start: string;
  sellStart?: string;
  sellEnd?: string;
  tickets: { _id: string; name: string; active: boolean }[];
  underShops: object[];
}

let stage: Stage;
let service: Awaited<ReturnType<Stage["start"]>>;

beforeAll(async () => {
  stage = await raiseStage({ season: "small" });
  service = await stage.start();
  await settled(stage);
});

afterAll(async () => {
  await service.stop();
  await stage[Symbol.asyncDispose]();
});

const eventNamed = async (name: string) => {
  const { events } = await stage.readJson<{ events: EventJson[] }>("/api/events");
  const found = events.find(({ eventName }) => eventName.includes(name));
  if (!found) throw new Error(`no event is called ${name}`);
  return found;
};
const eventOf = (id: string) =>
  stage.readJson<EventJson & { ticketTypes: TypeJson[] }>(`/api/events/${id}`);
interface SaleJson {
  eventName: string;
  eventDate: string;
  salesLaunchDate: string | null;
  salesEndDate: string | null;
}
const saleOf = (id: string) => stage.readJson<SaleJson>(`/api/events/${id}`);
const problemsOf = async (id: string) =>
  (await stage.readJson<{ problems: string[] }>("/status")).problems.filter((one) =>
    one.includes(id),
  );
const eventBecomes = (id: string, name: string) =>
  until(async () => (await saleOf(id)).eventName === name, { withinMs: 20_000, what: name });
const changesOf = async (id: string) =>
  (await stage.readJson<{ changes: ChangeJson[] }>(`/api/changes?eventId=${id}`)).changes;

/** Nothing until the sheet is there. */
const rowsOf = (title: string) => stage.readTab(title).catch(() => []);

async function patch(id: string, changed: object, typeId?: string) {
  const path = `/sandbox/events/${id}${typeId ? `/ticket-types/${typeId}` : ""}`;
  const answer = await fetch(`${stage.vivenu.url}${path}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(changed),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  // The cast: the played Vivenu answers with its document.
  return (await answer.json()) as PlayedEvent;
}

const becomes = (id: string, status: string) =>
  until(
    async () => {
      const event = await eventOf(id);
      return event.status === status && event;
    },
    { withinMs: 20_000, what: `status ${status}` },
  );

test("waves that are switched off pause an event in API, files, sheet and changes, and back", async () => {
  const { eventId, totalAvailable } = await eventNamed("Auckland");
  const { tickets } = await patch(eventId, {});
  const off = tickets.map((type) => ({ ...type, active: /spectator/i.test(type.name) }));
  await patch(eventId, { tickets: off });
  const paused = await becomes(eventId, "PAUSED");
  expect(paused).toMatchObject({ totalAvailable, availableToBuy: 0 });
  expect(totalAvailable).toBeGreaterThan(0);
  const spectators = paused.ticketTypes.filter(({ class: of }) => of === "spectator");
  for (const { availableToBuy } of spectators) expect(availableToBuy).toBeGreaterThan(0);

  const csv = await (await stage.get("/api/downloads/events.csv")).text();
  const [header = "", ...lines] = csv.split("\n");
  const line = lines.find((one) => one.startsWith(eventId))?.split(",") ?? [];
  expect(line[header.split(",").indexOf("Available to Buy")]).toBe("0");
  await until(
    async () =>
      (await rowsOf("Events")).find((row) => row["Event ID"] === eventId)?.Status === "PAUSED",
    { withinMs: 30_000, what: "the pause in the sheet" },
  );

  await patch(eventId, { tickets });
  await becomes(eventId, "ON_SALE");
  const told = (await changesOf(eventId)).filter(({ field }) => field === "availableToBuy");
  expect(told.map(({ changeType, severity }) => [changeType, severity])).toEqual([
    ["reopened", "high"],
    ["paused", "high"],
  ]);
});

test("an event that comes to hold others has no numbers, and its name's words are told", async () => {
  const { eventId } = await eventNamed("Hamburg");
  const berlin = await eventNamed("Berlin");
  await patch(eventId, {
    eventType: "GROUP",
    childEvents: [berlin.eventId],
    name: "HYROX Hamburg - ABGESAGT",
  });
  const group = await becomes(eventId, "GROUP");
  expect(group).toMatchObject({ totalCapacity: null, childEventIds: [berlin.eventId] });
  expect(group.ticketTypes.map(({ capacity }) => capacity)).toEqual(
    group.ticketTypes.map(() => null),
  );
  const grave = (await changesOf(eventId)).filter(({ severity }) => severity === "critical");
  expect(grave.map(({ field, newValue }) => [field, newValue])).toEqual([
    ["eventType", "GROUP"],
    ["name", "HYROX Hamburg - ABGESAGT"],
  ]);
  await until(
    async () =>
      (await rowsOf("Sales Date Changes")).some(
        (row) => row["New Value"] === "HYROX Hamburg - ABGESAGT" && row.Severity === "critical",
      ),
    { withinMs: 30_000, what: "the word in the sheet" },
  );
});

test("a type that nothing speaks for leaves the totals, loudly, and /status says what to do", async () => {
  const { eventId, totalSold } = await eventNamed("Berlin");
  const { tickets } = await patch(eventId, {});
  const men = tickets.find(({ name }) => name.startsWith("HYROX MEN"));
  await patch(eventId, { name: "HYROX | Friday", categoryRef: "gone" }, men?._id);
  const event = await until(
    async () => {
      const found = await eventOf(eventId);
      return (found.totalSold ?? 0) < (totalSold ?? 0) && found;
    },
    { withinMs: 20_000, what: "smaller totals" },
  );
  const type = event.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === men?._id);
  expect(type?.class).toBe("other");
  const grave = (await changesOf(eventId)).filter(({ severity }) => severity === "critical");
  expect(grave).toContainEqual(
    expect.objectContaining({
      ...{ field: "class", ticketTypeName: "HYROX | Friday" },
      previousValue: "race",
      newValue: "other",
    }),
  );
  const { status, notes } = await stage.readJson<{ status: string; notes: string[] }>("/status");
  expect(status).toBe("ok");
  const [note, ...more] = notes.filter((one) => one.includes("TICKET_TYPE_CLASSES"));
  expect(note).toContain(`${men?._id}=race`);
  expect(more).toEqual([]);
});

/** A year of none of our dates, or what a spreadsheet makes of one. */
const ODD_YEARS = /\b(?:0026|0001|0000|9999|\+?0?10000|1926|1899|2001)-\d\d\b|Invalid|#VALUE/;

const fileOf = async (name: string) =>
  new Uint8Array(await (await stage.get(`/api/downloads/${name}`)).arrayBuffer());

/** The XML of every tab and the texts that they share. */
async function workbookText() {
  const files = Object.entries(unzipSync(await fileOf("vivenu.xlsx")));
  const text = new TextDecoder();
  return files
    .filter(([name]) => /worksheets\/|sharedStrings/.test(name))
    .map(([, bytes]) => text.decode(bytes))
    .join("\n");
}

test.each([
  ["0026-12-01T10:00:00.000Z", "unreadable"],
  ["0001-01-01T00:00:00.000Z", "open"],
  ["0000-06-01T00:00:00.000Z", "unreadable"],
  ["9999-12-31T23:59:59.000Z", "open"],
])(
  "an end of sale at %s, which is %s, is empty over HTTP, in both kinds of file and in the sheet",
  async (odd, kind) => {
    const { eventId } = await eventNamed("Auckland");
    const before = await patch(eventId, { sellStart: "2026-02-01T10:00:00.000Z" });
    const shop = { _id: "68f0000000000000000000d1", name: "Partners", active: true, tickets: [] };
    await until(async () => (await saleOf(eventId)).salesLaunchDate !== null, {
      withinMs: 20_000,
      what: "a time of sale",
    });
    const window = { sellStart: odd, sellEnd: odd };
    await patch(eventId, { ...window, underShops: [{ ...shop, ...window }] });
    const event = await until(
      async () => {
        const found = await saleOf(eventId);
        return found.salesLaunchDate === null && found;
      },
      { withinMs: 20_000, what: "an open beginning" },
    );
    expect(event.salesEndDate).toBeNull();

    const [change] = (await changesOf(eventId)).filter(({ field }) => field === "sellStart");
    expect(change).toMatchObject({ previousValue: "2026-02-01T10:00:00.000Z", newValue: null });
    const answers = ["/api/events?limit=200", `/api/events/${eventId}`, "/api/changes?limit=200"];
    for (const path of [...answers, `/api/ticket-types?eventId=${eventId}`])
      expect(await (await stage.get(path)).text()).not.toMatch(ODD_YEARS);
    expect(new TextDecoder().decode(await fileOf("events.csv"))).not.toMatch(ODD_YEARS);
    const workbook = await workbookText();
    expect(workbook).toContain(eventId);
    expect(workbook).not.toMatch(ODD_YEARS);
    const row = await until(
      async () => {
        const found = (await rowsOf("Events")).find((one) => one["Event ID"] === eventId);
        return found?.["Sales Launch Date"] === "" && found;
      },
      { withinMs: 30_000, what: "an empty cell" },
    );
    expect(JSON.stringify(row)).not.toMatch(ODD_YEARS);

    const { problems } = await stage.readJson<{ problems: string[] }>("/status");
    const named = problems.filter((problem) => problem.includes(eventId));
    expect(named.length).toBe(kind === "unreadable" ? 1 : 0);
    if (kind === "unreadable") expect(named[0]).toMatch(/sellEnd, sellStart, underShops\..*\.sell/);
    await patch(eventId, {
      sellStart: before.sellStart,
      sellEnd: before.sellEnd,
      underShops: before.underShops,
    });
    await until(async () => !(await problemsOf(eventId)).length, {
      withinMs: 20_000,
      what: "nothing wrong any more",
    });
  },
  120_000,
);

test("an event that begins in year 26 is named and keeps its last rows, and every other goes on", async () => {
  const { eventId, eventName } = await eventNamed("Auckland");
  const { start } = await patch(eventId, {});
  const day = (await saleOf(eventId)).eventDate;
  await patch(eventId, { start: "0026-05-01T08:00:00.000Z", name: "HYROX Nowhere" });
  await until(async () => (await problemsOf(eventId)).length > 0, {
    withinMs: 60_000,
    what: "the event in /status",
  });
  expect(await saleOf(eventId)).toMatchObject({ eventName, eventDate: day });
  const berlin = await eventNamed("Berlin");
  await patch(berlin.eventId, { name: `${berlin.eventName} II` });
  await eventBecomes(berlin.eventId, `${berlin.eventName} II`);
  await patch(eventId, { start, name: `${eventName} again` });
  await eventBecomes(eventId, `${eventName} again`);
  // What was refused is a person's to look at, and to drop.
  const letters = await readDeadDeliveries(stage.own.sql);
  expect(letters.map(({ reason }) => reason)).toEqual([expect.stringContaining(eventId)]);
  await dropDeliveries(
    stage.own.sql,
    letters.map(({ id }) => id),
    new Date(),
  );
  expect(await problemsOf(eventId)).toEqual([]);
});

test("what operators ask for by the API is done: an account is polled, and a replay is tried", async () => {
  const address = `${stage.url}/api/operations/acts`;
  const headers = { "x-api-key": ADMIN_KEY, "content-type": "application/json" };
  async function done(asked: { act: string; region?: string }) {
    const body = JSON.stringify({ ...asked, confirm: asked.act });
    const answer = await fetch(address, { method: "POST", headers, body });
    expect(answer.status).toBe(202);
    // The casts: what the API promises is held by its own tests.
    const { id } = (await answer.json()) as { id: string };
    return until(
      async () => {
        const act = (await (await fetch(`${address}/${id}`, { headers })).json()) as ActJson;
        return act.endedAt !== null && act;
      },
      { withinMs: 60_000, what: `the end of ${asked.act}` },
    );
  }
  const polled = await done({ act: "poll", region: "DACH" });
  expect(polled).toMatchObject({ by: "ops", state: "done" });
  expect(polled.result?.[0]).toMatch(/^DACH +\d+ of \d+ events counted, [\d,]+ tickets/);
  // What the poll told is in the log a moment before it is in the rows.
  await until(
    async () =>
      (await stage.readJson<{ outbox: { waiting: number } }>("/status")).outbox.waiting === 0,
    { withinMs: 30_000, what: "all facts in the rows" },
  );
  const tried = await done({ act: "replayDryRun" });
  expect(tried).toMatchObject({ by: "ops", state: "done" });
  expect(tried.result).toContain("the rebuilt rows are the live rows");
  expect(tried.result?.at(-1)).toBe("nothing was changed");
});
