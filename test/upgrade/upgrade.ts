import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { type Program, startProgram } from "../crash/process.ts";
import { compareReplayed } from "../crash/rebuild.ts";
import { emptyDatabase } from "../support/database.ts";
import { API_KEY, playOutside, reservePort } from "../support/outside.ts";
import { until } from "../support/stage.ts";

export interface UpgradeOptions {
  /** Folders of the two releases, their dependencies in them. */
  older: string;
  newer: string;
  /** Webhooks in each phase. */
  webhooks: number;
  say: (line: string) => void;
}

type Release = "older" | "newer";

const PATIENCE_MS = 120_000;

/**
 * An upgrade and a way back as a cluster does them, with the programs of two releases on one database: the
 * older alone, both side by side on the newer schema, the newer alone, the older again on a schema that is
 * ahead of it, and the newer again. In each phase webhooks are sent to each process that runs, and have to
 * become rows. Returns what was wrong: nothing.
 */
export async function tryUpgrade({ older, newer, webhooks, say }: UpgradeOptions) {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-upgrade-"));
  const logPath = join(folder, "service.log");
  const folders = { older, newer };
  await using own = await emptyDatabase();
  const unused = reservePort();
  await using outside = await playOutside({ season: "small", port: unused.port });
  unused.release();
  const account = outside.vivenu.accounts[0];
  if (!account) throw new Error("the played Vivenu has no account");
  const base: Record<string, string> = {
    ...outside.environment,
    ...{ HOST: "127.0.0.1", DATABASE_URL: own.url, LOG_LEVEL: "info", SHUTDOWN_DRAIN: "1" },
    [`${account.region}_SELLER_ID`]: account.sellerId,
  };
  await applyManifest(loadConfig({ ...base, PORT: "0" }));
  const faults: string[] = [];
  const running = new Map<Release, Program>();
  let sent = 0;

  try {
    await phase("the older release alone", ["older"]);
    const behind = await schemaOf();
    await phase("both side by side, the schema is the newer one's", ["older", "newer"]);
    const ahead = await schemaOf();
    say(`schema: ${behind} before, ${ahead} since the newer release started`);
    await phase("the newer release alone", ["newer"]);
    await phase("the way back: both side by side", ["newer", "older"]);
    await phase("the older release alone on a schema that is ahead of it", ["older"]);
    await phase("the newer release again", ["newer"]);
    faults.push(...(await compareReplayed({ environment: base, logPath, folder: newer })));
    say("a replay of the whole log by the newer release made the same rows");
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  for (const release of running.keys()) await stop(release);
  if (faults.length === 0) await rm(folder, { recursive: true, force: true });
  return { faults, sent, logPath: faults.length === 0 ? undefined : logPath };

  async function phase(what: string, wanted: Release[]) {
    const startedAt = performance.now();
    for (const release of wanted) if (!running.has(release)) await start(release);
    for (const release of running.keys()) if (!wanted.includes(release)) await stop(release);
    const names = new Map<string, string>();
    for (const [release, program] of running)
      for (let n = 0; n < webhooks; n += 1) {
        const id = `68e000000000000000000${(sent % 100).toString(16).padStart(3, "0")}`;
        const name = `HYROX ${release} ${sent}`;
        await send(program, id, name);
        names.set(id, name);
      }
    for (const [release, program] of running) {
      const wrong = () => differing(program, names);
      await until(async () => (await wrong()).length === 0, {
        withinMs: PATIENCE_MS,
        what: `what was sent is in the rows of the ${release} release`,
      });
      const problems = await statusOf(program);
      for (const problem of problems) faults.push(`${what}: ${release} says "${problem}"`);
    }
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    say(`${what}: ${webhooks * running.size} webhooks became rows (${seconds} s)`);
  }

  async function start(release: Release) {
    const { port, release: free } = reservePort();
    free();
    const environment = { ...base, PORT: String(port) };
    const program = startProgram(["serve"], { environment, logPath, folder: folders[release] });
    running.set(release, program);
    await program.ready();
  }

  async function stop(release: Release) {
    const program = running.get(release);
    running.delete(release);
    program?.kill("SIGTERM");
    const code = await program?.exited;
    if (code !== 0) faults.push(`the ${release} release ended with ${code}`);
  }

  async function send(program: Program, _id: string, name: string) {
    const { region, sellerId, hmacKey } = account ?? { region: "", sellerId: "", hmacKey: "" };
    const updatedAt = new Date(Date.now() + sent).toISOString();
    sent += 1;
    const event = {
      ...{ _id, sellerId, name, tickets: [], updatedAt },
      ...{ start: "2031-05-01T06:00:00.000Z", end: "2031-05-02T20:00:00.000Z" },
    };
    const id = crypto.randomUUID();
    const said = { id, sellerId, type: "event.updated", mode: "dev", data: { event } };
    const body = new TextEncoder().encode(JSON.stringify(said));
    const headers = { "x-vivenu-signature": sign(body, hmacKey) };
    const address = `${program.url}/webhooks/vivenu/${region}`;
    const answer = await fetch(address, { method: "POST", body, headers });
    if (!answer.ok) throw new Error(`a webhook was answered with ${answer.status}`);
  }

  /** As each release's API says them. */
  async function differing(program: Program, names: Map<string, string>): Promise<string[]> {
    const wrong: string[] = [];
    for (const [id, name] of names) {
      const answer = await get(program, `/api/events/${id}`);
      // The cast: what the API promises is held by its own tests.
      const { eventName } = (await answer.json()) as { eventName?: string };
      if (eventName !== name) return [id];
    }
    return wrong;
  }

  /** Of versions that differ they say so, as they should. */
  async function statusOf(program: Program): Promise<string[]> {
    let problems: string[] = [];
    const isWell = async () => {
      // The cast: as above.
      const said = (await (await get(program, "/status")).json()) as { problems: string[] };
      problems = said.problems.filter((one) => !EXPECTED.test(one));
      return problems.length === 0;
    };
    await until(isWell, { withinMs: PATIENCE_MS, what: "nothing is wrong" }).catch(() => {});
    return problems;
  }

  async function schemaOf() {
    const [row] = await own.sql<{ name: string }[]>`select max(name) as name from migration`;
    return row?.name ?? "none";
  }
}

/** Nobody polls in this world. */
const EXPECTED = /poll|version|schema|migration/i;

const get = (program: Program, path: string) =>
  fetch(`${program.url}${path}`, { headers: { "x-api-key": API_KEY } });
