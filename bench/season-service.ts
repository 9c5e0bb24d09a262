import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { connect, LONG_LIMIT_MS } from "../src/database/connect.ts";
import { ofBench } from "./ending.ts";
import { say } from "./load.ts";
import { at } from "./reads-kinds.ts";
import type { Played } from "./reads-season.ts";
import { migrateIn } from "./replay.ts";

/** Replays the season into a database of its own, and answers over it. */
export async function raise(
  season: Played,
  folder: string,
  { changes }: { changes: number },
  events: number,
) {
  const url = await season.createDatabase(folder === "." ? "ours" : "earlier");
  await migrateIn(folder, url);
  const port = await freePort();
  const environment = { ...season.environment, DATABASE_URL: url, PORT: String(port) };
  await runIn(folder, environment, ["replay"]).ended;
  if (folder === "." && changes > 0) await keepChanges(url, changes);
  const http = `http://127.0.0.1:${port}`;
  const serving = runIn(folder, { ...environment, HOST: "127.0.0.1" }, ["serve"]);
  for (;;) {
    const answer = await fetch(`${http}/ready`).catch(() => undefined);
    if (answer?.ok) break;
    await Bun.sleep(100);
  }
  // The loops begin with a look at everything, and the build before with a first reading.
  await Bun.sleep(10_000 + 20 * events);
  return {
    ...{ url, http, pid: serving.child.pid ?? 0 },
    async [Symbol.asyncDispose]() {
      serving.child.kill("SIGTERM");
      await serving.ended;
    },
  };
}

/** A past of years: changes of all events, back from the first count, as the projection would have kept them. */
async function keepChanges(url: string, changes: number) {
  const sql = connect(url, { max: 1, limitMs: LONG_LIMIT_MS });
  const [one] = await sql<{ events: number }[]>`select count(*)::int as events from event`;
  await sql`
    insert into event_change (
      event_id, changed_at, sequence, origin_at, account, change_type, severity, field,
      previous_value, new_value, is_instant, source
    )
    select event_id, at, 0, at, account, 'ticketType', 'medium', 'amount of HYROX MEN | Saturday',
      to_jsonb(n), to_jsonb(n + 1), false, 'poll'
    from generate_series(1, ${Math.ceil(changes / (one?.events ?? 1))}::int) as n
    cross join event
    cross join lateral (select ${at(0)}::timestamptz - n * interval '7 minutes' as at) past
  `;
  await sql`vacuum analyze event_change`;
  say(`  ${changes} changes of the past are kept as well`);
  await sql.end({ timeout: 5 });
}

/** One trial after the other, each from the beginning of the log. */
export function replayAgain(season: Played, folder: string, url: string) {
  let child: ChildProcess | undefined;
  let isOver = false;
  const all = (async () => {
    while (!isOver) {
      const environment = { ...season.environment, DATABASE_URL: url };
      const run = runIn(folder, environment, ["replay", "--dry-run"]);
      child = run.child;
      await run.ended;
    }
  })();
  return {
    async stop() {
      isOver = true;
      child?.kill("SIGTERM");
      await all;
    },
  };
}

function runIn(folder: string, environment: Record<string, string>, args: string[]) {
  const child = spawn(process.execPath, ["src/main.ts", ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  ofBench(child);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("exit", resolve);
  return { child, ended: promise };
}

export async function freePort() {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}
