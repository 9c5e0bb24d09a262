import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventRow } from "../../src/projections/queries/rows.ts";
import { reservePort } from "../support/outside.ts";
import { raiseStage, until } from "../support/stage.ts";
import { stallingProxy } from "../support/stalling-proxy.ts";
import { balance } from "./balancer.ts";

const DAY_MS = 86_400_000;

export type Site = Awaited<ReturnType<typeof raiseSite>>;

/** The product with the small season, counted, and keys that come and go by a file. */
export async function raiseSite() {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-site-"));
  const file = join(folder, "keys");
  const keys = { boss: "a-key-of-the-boss", guest: "a-key-of-a-guest" };
  const write = (names: (keyof typeof keys)[]) =>
    writeFile(file, names.map((name) => lineOf(name, keys[name])).join("\n"));
  await write(["boss", "guest"]);
  const stage = await raiseStage({ season: "small", settings: { API_KEYS_FILE: file } });
  const database = stallingProxy(stage.own.url);
  const running = await stage.start(database.url);
  const events = await until(
    async () => {
      const { problems } = await stage.readJson<{ problems: string[] }>("/status");
      if (problems.length > 0) return undefined;
      const read = await stage.readJson<{ events: EventRow[] }>("/api/events?status=ON_SALE");
      return read.events.some(({ totalSold }) => totalSold) ? read.events : undefined;
    },
    { withinMs: 60_000, what: "the season counted" },
  );
  const event = events.find(({ totalSold }) => totalSold);
  if (!event) throw new Error("the season has no event that sells");
  let days = 0;
  const patch = (body: object) =>
    fetch(`${stage.vivenu.url}/sandbox/events/${event.eventId}`, {
      ...{ method: "PATCH", body: JSON.stringify(body) },
      headers: { "content-type": "application/json" },
    });

  return {
    url: stage.url,
    stage,
    /** On the way from the service to PostgreSQL. */
    database,
    keys,
    event,
    events,
    /** The organiser moves the race by a day more; that is told by a signed webhook. */
    moveRace() {
      days += 1;
      const moved = (at: string) => new Date(Date.parse(at) + days * DAY_MS).toISOString();
      return patch({ start: moved(event.eventDate), end: moved(event.eventEndDate) });
    },
    rename: (name: string) => patch({ name }),
    takeKey: (name: keyof typeof keys) =>
      write((["boss", "guest"] as const).filter((one) => one !== name)),
    /** Another replica, and one address before both; webhooks come to the first one alone. */
    async besideAnother() {
      const { port, release } = reservePort();
      release();
      const [another, balancer] = [await stage.start(database.url, port), await balance(port)];
      let isThere = true;
      const leave = async () => {
        if (isThere) await another.stop();
        isThere = false;
      };
      return {
        url: balancer.url,
        turnTo: (which: "first" | "another") =>
          balancer.turnTo(which === "first" ? stage.port : port),
        /** As SIGTERM ends it. */
        leave,
        async [Symbol.asyncDispose]() {
          balancer[Symbol.dispose]();
          await leave();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await database[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const lineOf = (name: string, key: string) =>
  `${name}:${name === "boss" ? "admin" : "read"}:${createHash("sha256").update(key).digest("hex")}`;
