import { afterAll, beforeAll, expect, test } from "bun:test";
import { buildDatacore } from "../src/commands/build/build-datacore.ts";
import { poll } from "../src/commands/poll.ts";
import { loadConfig } from "../src/config/config.ts";
import { lockEvent } from "../src/intake/store/locks.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createLogger } from "../src/lib/logger.ts";
import { eventUpdated } from "./support/facts.ts";
import { holding } from "./support/holding.ts";
import { never } from "./support/intake.ts";
import { inherited, PROGRAM } from "./support/program.ts";
import { raiseStage, type Stage, settled, until } from "./support/stage.ts";

interface EventJson {
  eventId: string;
  eventName: string;
  region: string;
}

let stage: Stage;
let service: Awaited<ReturnType<Stage["start"]>>;

const MINUTE_MS = 60_000;
const problems = async () => (await stage.readJson<{ problems: string[] }>("/status")).problems;

beforeAll(async () => {
  stage = await raiseStage({ season: "small" });
  service = await stage.start();
  await settled(stage);
});

afterAll(async () => {
  await service.stop();
  await stage[Symbol.asyncDispose]();
});

const readEvents = async () =>
  (await stage.readJson<{ events: EventJson[] }>("/api/events?limit=200")).events;

/** One event at which something goes wrong, and one that has to go on. */
async function two(): Promise<[EventJson, EventJson]> {
  const [one, other] = await readEvents();
  if (!one || !other) throw new Error("the season has no two events");
  return [one, other];
}

const rename = async ({ eventId }: EventJson, name: string) => {
  const answer = await fetch(`${stage.vivenu.url}/sandbox/events/${eventId}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  expect(answer.status).toBe(200);
};

const isShown = (name: string) => async () =>
  (await readEvents()).some(({ eventName }) => eventName === name);

const isNamed = (what: string) => async () =>
  (await problems()).find((problem) => problem.includes(what));

test("a webhook that hangs is named within a minute, and the next ones are rows meanwhile", async () => {
  const [one, other] = await two();
  const lock = await holding(stage.own, (tx) => lockEvent(tx, one.region, one.eventId));
  await rename(one, "HYROX held");
  await rename(other, "HYROX goes on");
  await until(isShown("HYROX goes on"), { withinMs: MINUTE_MS, what: "the other event" });
  const said = await until(isNamed("delivery-"), { withinMs: MINUTE_MS, what: "the delivery" });
  expect(said).toContain(
    `${one.region}, event.updated) fails and is tried again: PostgreSQL: 55P03`,
  );
  await lock.release();
  await until(isShown("HYROX held"), { withinMs: MINUTE_MS, what: "the event that was held" });
  await until(async () => (await problems()).length === 0, {
    withinMs: 90_000,
    what: "nothing wrong any more",
  });
});

test("a fact that can never apply is named within a minute, and the next ones are rows meanwhile", async () => {
  const [, other] = await two();
  const datacore = buildDatacore(loadConfig(stage.environment));
  // As another program may leave it: this one does not put it on its way.
  const factId = await datacore.append(
    eventUpdated({ eventId: "68f0000000000000000000ff", start: "0000-01-01T00:00:00Z" }),
  );
  datacore.close();
  await rename(other, "HYROX after the fact");
  await until(isShown("HYROX after the fact"), { withinMs: MINUTE_MS, what: "the next fact" });
  const said = await until(isNamed(factId), { withinMs: MINUTE_MS, what: "the fact" });
  expect(said).toContain("(DACH, event.updated.0) is set aside: ");
  const drop = Bun.spawn(
    [process.execPath, PROGRAM, "set-aside", "drop", "--id", factId, "--json"],
    {
      env: { ...inherited(), ...stage.environment },
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  expect(JSON.parse(await new Response(drop.stdout).text())).toEqual([
    { id: factId, outcome: "dropped", reason: null },
  ]);
  expect(await drop.exited).toBe(0);
  await until(async () => (await problems()).length === 0, { withinMs: 5_000, what: "all well" });
});

test("an account whose poll ends in what nobody foresaw takes no other account's poll with it", async () => {
  const { sql } = stage.own;
  const [{ region } = { region: "" }] = await readEvents();
  await sql.unsafe(`
    create function refuse() returns trigger language plpgsql as $$
    begin
      if new.event_type = 'poll.finished.0' and new.payload ->> 'account' = '${region}'
      then raise exception 'words that are content'; end if;
      return new;
    end $$;
    create trigger refuse before insert on outbox for each row execute function refuse();
  `);
  const parts = { config: loadConfig(stage.environment), sql, clock: systemClock };
  const { accounts } = await poll({ ...parts, logger: createLogger("silent") }, never);
  await sql.unsafe("drop trigger refuse on outbox; drop function refuse");
  const [failed, ...others] = accounts.toSorted((a) => (a.account === region ? -1 : 1));
  expect(failed).toMatchObject({
    ...{ account: region, complete: false },
    failures: [{ eventId: null, kind: "fault", reason: "PostgreSQL: P0001" }],
  });
  expect(others.length).toBeGreaterThan(0);
  expect(others.every(({ complete }) => complete)).toBe(true);
});

test("an event that cannot be shown is named within a minute; API, sheet and files go on with the others", async () => {
  const [one, other] = await two();
  const { sql } = stage.own;
  const [kept] = await sql`select categories from event where event_id = ${one.eventId}`;
  // As no program of ours leaves it.
  await sql`update event set categories = '7' where event_id = ${one.eventId}`;
  await sql`update event_shown set document = null, digest = null where event_id = ${one.eventId}`;
  await rename(other, "HYROX beside it");
  await until(isShown("HYROX beside it"), { withinMs: MINUTE_MS, what: "the other event" });
  expect((await readEvents()).some(({ eventId }) => eventId === one.eventId)).toBe(false);
  expect((await stage.get(`/api/events/${one.eventId}`)).status).toBe(500);
  for (const path of ["/api/changes", "/api/downloads/vivenu.xlsx", "/api/downloads/events.csv"])
    expect([path, (await stage.get(path)).status]).toEqual([path, 200]);
  await until(
    async () =>
      (await stage.readTab("Events")).some((row) => row["Event Name"] === "HYROX beside it"),
    { withinMs: MINUTE_MS, what: "the other event in the sheet" },
  );
  const rows = await stage.readTab("Events");
  expect(rows.some((row) => row["Event ID"] === one.eventId)).toBe(true);
  await until(isNamed(one.eventId), { withinMs: MINUTE_MS, what: "the event" });
  await sql`update event set categories = ${kept?.categories} where event_id = ${one.eventId}`;
  expect((await stage.get(`/api/events/${one.eventId}`)).status).toBe(200);
});
