import { afterAll, beforeAll, expect, test } from "bun:test";
import { raiseStage, type Stage, until } from "./stage.ts";

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

interface PlayedEvent {
  _id: string;
  tickets: { _id: string; name: string; active: boolean }[];
}

let stage: Stage;
let service: Awaited<ReturnType<Stage["start"]>>;

beforeAll(async () => {
  stage = await raiseStage({ season: "small" });
  service = await stage.start();
  await until(
    async () => (await stage.readJson<{ problems: string[] }>("/status")).problems.length === 0,
    { withinMs: 90_000, what: "every account polled and nothing wrong" },
  );
}, 150_000);

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
}, 90_000);

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
}, 90_000);

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
      field: "class of HYROX | Friday",
      previousValue: "race",
      newValue: "other",
    }),
  );
  const { status, notes } = await stage.readJson<{ status: string; notes: string[] }>("/status");
  expect(status).toBe("ok");
  const [note, ...more] = notes.filter((one) => one.includes("TICKET_TYPE_CLASSES"));
  expect(note).toContain(`${men?._id}=race`);
  expect(more).toEqual([]);
}, 90_000);
