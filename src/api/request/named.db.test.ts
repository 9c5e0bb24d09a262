import { beforeAll, describe, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { testApi } from "../../../test/support/test-api.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import { buildReads } from "../../service/reads/reads.ts";
import { eventFaults } from "../../service/status/event-faults.ts";
import { failingLoops } from "../../service/status/failing.ts";
import { Problem } from "./problem.ts";

const clock = { now: () => new Date("2026-04-10T00:00:00Z"), pause: async () => {} };
/** Rome was not there yet. */
const THEN = "2026-02-12T00:00:00.000Z";

let api: ReturnType<typeof testApi>;

beforeAll(async () => {
  const { sql } = await reusedDatabase();
  for (const [eventId, day] of [
    ["paris", "2026-02-01"],
    ["rome", "2026-03-01"],
  ] as const)
    await applyKept(sql, [
      eventUpdated({
        ...{ eventId, updatedAt: `${day}T10:00:00.000Z`, observedAt: `${day}T10:00:01.000Z` },
        ticketTypes: [ticketType({ ticketTypeId: `men-${eventId}` })],
      }),
      salesCounted({
        ...{ eventId, countedAt: `${day}T12:00:00.000Z` },
        ticketTypes: [typeCount({ ticketTypeId: `men-${eventId}`, sold: 10 })],
      }),
    ]);
  const { logger } = recordingLog();
  const of = { config: loadConfig(usableEnvironment), sql, clock, logger, version: "1.2.3" };
  api = testApi({
    ...buildReads({ ...of, faults: eventFaults(of), failing: failingLoops(sql) }),
    ...{ clock, logger },
    stream: {
      feed: {
        join: () => Promise.reject(new Error("a stream was opened")),
        ...{ leave() {}, isKept: async () => true, after: async () => [], told: async () => {} },
      },
      ...{ most: 1, signal: new AbortController().signal },
    },
  });
});

async function refusal(path: string) {
  const answer = await api.get(path);
  expect([path, answer.status]).toEqual([path, 404]);
  return Problem.parse(await answer.json());
}

const paths = [
  ["/api/sales", "eventId"],
  ["/api/changes", "eventId"],
  ["/api/ticket-types", "eventId"],
  ["/api/events", "comparables"],
  ["/api/events/paris", "comparables"],
  ["/api/events/paris/forecast", "comparables"],
] as const;

describe("an id of an event that is not there is 404 and named, whatever else is asked for", () => {
  test.each([...paths, ["/api/stream", "eventId"] as const])("%s?%s=", async (path, name) => {
    const long = "x".repeat(5_000);
    for (const [ids, unknown] of [
      ["paris,oslo", "oslo"],
      ["oslo,rome,bern", "oslo, bern"],
      ["oslo", "oslo"],
      ["%00", "\0"],
      [`paris,${long}`, long.slice(0, 100)],
    ] as const)
      expect(await refusal(`${path}?${name}=${ids}`)).toMatchObject({
        type: "urn:vivenu-event-monitor:problem:parameters",
        detail: `There is no such event: ${unknown}.`,
        errors: [{ name, reason: `there is no such event: ${unknown}` }],
      });
  });

  test.each(paths)("%s?%s=, as of an instant before it was there", async (path, name) => {
    const named = `${path}?${name}=paris,rome`;
    expect((await api.get(named)).status).toBe(200);
    expect(await refusal(`${named}&as_of=${THEN}`)).toMatchObject({
      detail: `There was no such event at ${THEN}: rome.`,
      errors: [{ name }],
    });
    expect((await api.get(`${path}?${name}=paris&as_of=${THEN}`)).status).toBe(200);
  });

  test.each(["", "/ticket-types", "/sales", "/levels", "/forecast"])(
    "in an address: /api/events/{eventId}%s",
    async (rest) => {
      for (const id of ["oslo", "%00"])
        expect(await refusal(`/api/events/${id}${rest}`)).toMatchObject({
          detail: `There is no such event: ${decodeURIComponent(id)}.`,
          errors: [{ name: "eventId" }],
        });
      expect(await refusal(`/api/events/rome${rest}?as_of=${THEN}`)).toMatchObject({
        detail: `There was no such event at ${THEN}: rome.`,
      });
    },
  );

  test("a table is refused before it begins", async () => {
    expect(await refusal("/api/changes?format=csv&eventId=paris,oslo")).toMatchObject({
      detail: "There is no such event: oslo.",
    });
  });
});

test("so is a ticket type, also where an event is not there either", async () => {
  expect((await api.get("/api/changes?ticketTypeId=men-paris,men-rome")).status).toBe(200);
  expect(await refusal("/api/changes?ticketTypeId=men-paris,women&eventId=oslo")).toMatchObject({
    detail: "There is no such event: oslo. There is no such ticket type: women.",
    errors: [{ name: "eventId" }, { name: "ticketTypeId" }],
  });
  expect(await refusal(`/api/changes?ticketTypeId=men-rome&as_of=${THEN}`)).toMatchObject({
    detail: `There was no such ticket type at ${THEN}: men-rome.`,
  });
});

test("ids are a filter: what is not there has no row", async () => {
  const listed = await api.read<{ events: { eventId: string }[] }>(
    "/api/events?ids=paris,oslo,%00",
  );
  expect(listed.events.map(({ eventId }) => eventId)).toEqual(["paris"]);
  expect(await api.read("/api/ticket-types?ids=women")).toMatchObject({ ticketTypes: [] });
  expect(await api.read("/api/summary?ids=paris,oslo")).toMatchObject({ events: 1 });
});
