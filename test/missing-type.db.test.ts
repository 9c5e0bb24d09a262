import { afterAll, beforeAll, expect, test } from "bun:test";
import { applyManifest } from "../src/commands/datacore.ts";
import { loadConfig } from "../src/config/config.ts";
import { raiseStage, type Stage, until } from "./support/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await raiseStage({ season: "small" });
});
afterAll(() => stage[Symbol.asyncDispose]());

const problems = async () => (await stage.readJson<{ problems: string[] }>("/status")).problems;

const readEvents = async () =>
  (await stage.readJson<{ events: { totalSold: number | null }[] }>("/api/events")).events;

test("a data core without one event type is named in /status until `datacore apply` makes it, and holds up no other fact", async () => {
  await stage.outside.sql`delete from datacore.event_type where name = 'sales.counted.0'`;
  const service = await stage.start();
  try {
    const named = await until(
      async () => (await problems()).find((problem) => problem.includes("sales.counted.0")),
      { withinMs: 60_000, what: "the missing event type named" },
    );
    expect(named).toContain("`datacore apply`");
    const events = await until(
      async () => {
        const found = await readEvents();
        return found.length > 0 && found;
      },
      { withinMs: 45_000, what: "events, whose facts are of another type" },
    );
    expect(events.every(({ totalSold }) => totalSold === null)).toBe(true);

    await applyManifest(loadConfig(stage.environment));
    await until(async () => (await problems()).length === 0, {
      withinMs: 150_000,
      what: "nothing wrong any more",
    });
    const isCounted = async () => (await readEvents()).some(({ totalSold }) => totalSold !== null);
    await until(isCounted, { withinMs: 75_000, what: "what waited to be in the rows" });
  } finally {
    await service.stop();
  }
});
