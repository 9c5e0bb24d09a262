import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { between, type Random, seeded } from "../../sandbox/random.ts";
import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { noticeReceiver } from "../soak/receiver.ts";
import { freshDatabase, type TestDatabase } from "../support/database.ts";
import { playOutside, reservePort } from "../support/outside.ts";
import { until } from "../support/stage.ts";
import { actor } from "./actor.ts";
import { operator, PATHWAY } from "./operator.ts";
import {
  complaints,
  note,
  type Program,
  type ProgramOptions,
  programs,
  startProgram,
} from "./process.ts";
import { compareReplayed, rebuilds } from "./rebuild.ts";
import { verdict } from "./verdict.ts";
import { clearFaults, hurryWebhooks, keepActing, quiet, setFaults } from "./world.ts";

export interface CrashOptions {
  kills: number;
  seed: number;
  /** Two take turns in what one at a time may do, and each is killed. */
  replicas?: 1 | 2;
  /** Milliseconds; no kill after that. */
  deadline?: number;
  say?: (line: string) => void;
}

export interface CrashReport {
  kills: number;
  /** How often rows that were rebuilt meanwhile took the place of the live ones. */
  rebuilt: number;
  /** How often each change was made in the played Vivenu. */
  changes: Readonly<Record<string, number>>;
  struck: Record<string, number>;
  facts: number;
  deliveries: number;
  /** What somebody was told, and how much of it came again under the same id: a kill behind the answer. */
  messages: number;
  sentAgain: number;
  /** How often somebody steered it from Flowcore's console. */
  commands: number;
  /** What was wrong in the end: nothing. */
  faults: string[];
  /** Where the service's output is, if something was wrong. */
  logPath: string | undefined;
}

/** Longer than a count leaves out, so that the last poll knows the last sale. */
const SETTLE_MS = 2_500;

/**
 * The real service process in a played world: under load, with everything around it failing, killed at
 * random moments and started again. In the end nothing fails any more, and rows, sheet, log and books
 * must say what Vivenu says.
 */
export async function crashTest({
  kills,
  seed,
  replicas = 1,
  deadline,
  say,
}: CrashOptions): Promise<CrashReport> {
  const random = seeded(seed);
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-crash-"));
  const logPath = join(folder, "service.log");
  await using own = await freshDatabase();
  const { port, release } = reservePort();
  await using outside = await playOutside({ season: "small", port });
  const receiver = noticeReceiver();
  const environment = {
    ...outside.environment,
    NOTIFICATIONS: JSON.stringify({
      channels: { told: { webhook: receiver.url, keys: [`whsec_${btoa("x".repeat(32))}`] } },
      rules: [{ to: "told" }],
    }),
    ...{ PORT: String(port), HOST: "127.0.0.1", DATABASE_URL: own.url, LOG_LEVEL: "info" },
    // Every start finds a poll due: it is killed in the middle of one as often as not.
    POLL_SCHEDULE: "* * * * * *",
    HINT_INTERVAL: "1",
    FLOWCORE_PATHWAY_NAME: PATHWAY,
  };
  await applyManifest(loadConfig(environment));
  release();
  await using started = programs();
  const serve = () => started.start(["serve"], { environment, logPath });

  const crowd = await actor(outside, seeded(seed + 1));
  const struck: Record<string, number> = {};
  const load = keepActing(crowd.act, seeded(seed + 2));
  const console_ = operator(outside, seeded(seed + 4));
  const second = replicas === 2 ? secondReplica({ environment, logPath }, random) : undefined;
  const rebuild = rebuilds({ environment, logPath }, seeded(seed + 3));
  let killed = 0;
  try {
    while (killed < kills && performance.now() < (deadline ?? Number.POSITIVE_INFINITY)) {
      if (killed % 4 === 0) setFaults(outside, random, struck);
      const service = serve();
      rebuild.maybeStart();
      second?.maybeStart();
      await console_.maybeAsk();
      // The first one lives to see its database made, however slow a machine is.
      if (killed === 0) await service.ready();
      await Bun.sleep(lifeMs(random));
      service.kill("SIGKILL");
      rebuild.maybeKill();
      await service.exited;
      killed += 1 + (second?.maybeKill() ?? 0);
      note(logPath, `kill ${killed}`);
      if (killed % 3 === 0) await hurryWebhooks(outside);
      if (killed % 50 === 0) say?.(`${killed} kills`);
    }
  } finally {
    await load.stop();
    await rebuild.stop();
    await second?.stop();
  }
  clearFaults(outside, struck);
  await outside.datacore.reveal();
  await Bun.sleep(SETTLE_MS);

  // What is in the log when the books are read stays all there is: from here on nobody polls but this does.
  const unscheduled = { environment: { ...environment, POLL_SCHEDULE: "off" }, logPath };
  const service = started.start(["serve"], unscheduled);
  const faults: string[] = [];
  try {
    await service.ready();
    await console_.release();
    // Twice: the first may be the first of all, and what webhooks bring waits for it.
    for (const which of ["first", "last"]) {
      const polling = startProgram(["poll"], { environment, logPath });
      if ((await polling.exited) !== 0) faults.push(`the ${which} poll could not read everything`);
      await quiet(own, outside);
    }
    faults.push(...(await verdict({ own, outside, random, url: service.url })));
    faults.push(...(await toldFaults(own, receiver)));
    faults.push(...(await console_.faults(own, logPath)));
    faults.push(...(await compareReplayed({ environment, logPath })));
    service.kill("SIGTERM");
    const code = await service.exited;
    if (code !== 0) faults.push(`SIGTERM ended it with ${code}`);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    faults.push(...complaints(logPath, 3));
  } finally {
    service.kill("SIGKILL");
    await service.exited;
  }
  const [counted] = await own.sql<{ deliveries: number; facts: number }[]>`
    select (select count(*) from inbox)::int as deliveries, (select count(*) from outbox)::int as facts
  `;
  const commands = await console_.asked();
  await receiver.stop();
  if (faults.length === 0) await rm(folder, { recursive: true, force: true });
  return {
    kills: killed,
    rebuilt: rebuild.swapped(),
    changes: crowd.done,
    struck,
    facts: counted?.facts ?? 0,
    deliveries: counted?.deliveries ?? 0,
    messages: receiver.messages(),
    sentAgain: receiver.sentAgain(),
    commands,
    faults,
    logPath: faults.length > 0 ? logPath : undefined,
  };
}

/** Whoever is told has each message that was due, by its id, and none that says the same under another. */
async function toldFaults(
  { sql }: TestDatabase,
  receiver: ReturnType<typeof noticeReceiver>,
): Promise<string[]> {
  const waiting = async () => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from notice where sent_at is null
    `;
    return row?.waiting ?? 0;
  };
  const isTold = async () => (await waiting()) === 0;
  await until(isTold, { withinMs: 120_000, what: "everybody is told" }).catch(() => {});
  const due = await sql<{ id: string; isSent: boolean }[]>`
    select message_id::text as id, sent_at is not null as is_sent from notice
  `;
  const heard = receiver.ids();
  const ids = new Set(due.map(({ id }) => id));
  const unsent = due.filter(({ isSent }) => !isSent).length;
  const lost = due.filter(({ id }) => !heard.has(id)).length;
  const unknown = [...heard].filter((id) => !ids.has(id)).length;
  return [
    ...(unsent > 0 ? [`${unsent} messages were not told`] : []),
    ...(lost > 0 ? [`${lost} messages count as told and were not heard`] : []),
    ...(unknown > 0 ? [`${unknown} messages were heard that nobody knows of`] : []),
    ...(receiver.toldTwice() > 0 ? [`${receiver.toldTwice()} messages were told twice`] : []),
  ];
}

/** Another program beside the one that gets the webhooks, which lives longer and dies at other moments. */
function secondReplica({ environment, logPath }: ProgramOptions, random: Random) {
  const { port, release } = reservePort();
  release();
  const options = { environment: { ...environment, PORT: String(port) }, logPath };
  let running: Program | undefined;
  return {
    maybeStart() {
      running ??= startProgram(["serve"], options);
    },
    maybeKill() {
      if (random() < 0.5) return 0;
      running?.kill("SIGKILL");
      running = undefined;
      return 1;
    },
    async stop() {
      running?.kill("SIGKILL");
      await running?.exited;
    },
  };
}

/** Some do not live to answer, most not to write the sheet. */
function lifeMs(random: Random) {
  const kind = random();
  if (kind < 0.3) return between(random, 0, 800);
  return kind < 0.8 ? between(random, 800, 3_500) : between(random, 4_000, 7_000);
}
