import { type PlayedNotices, playNotices } from "../../sandbox/notices/server.ts";
import { seeded } from "../../sandbox/random.ts";
import { actor } from "../crash/actor.ts";
import { PATHWAY } from "../crash/operator.ts";
import { keepActing } from "../crash/world.ts";
import { API_KEY, type Outside } from "../support/outside.ts";
import { serveApart } from "../support/served.ts";
import { until } from "../support/stage.ts";

type System = "datacore" | "vivenu" | "sheets" | "notices";

export interface ToldCase {
  system: System;
  faults: Record<string, unknown>;
  /** What one of the sentences of `/status` has to say. */
  says: RegExp;
}

const of = (system: System, fault: string, says: RegExp, ...rules: unknown[]) =>
  rules.map((rule): ToldCase => ({ system, faults: { [fault]: rule }, says }));
const statuses = (on: string, ...all: (number | string)[]) =>
  all.map((status) => ({ on, status, ...(status === "timeout" && { holdMs: 120_000 }) }));

/**
 * Every fault of the switchboards that somebody has to know of, alone and at each request. What the service puts
 * right by itself (duplicates, late facts, short pages, odd orders) is the matrix's: nobody is told of it.
 */
export const toldCases: ToldCase[] = [
  ...of(
    "datacore",
    "failBefore",
    /^the datacore: it takes no facts: Flowcore (answered|cannot|did)/,
    ...statuses("ingest", 429, 500, 503, "timeout", "reset"),
  ),
  ...of("datacore", "failAfter", /^the datacore: it takes no facts: Flowcore/, { status: 503 }),
  ...of(
    "datacore",
    "silentDrop",
    /^the log: Flowcore took \d+ facts? that cannot be read back/,
    { probability: 1 },
    { probability: 0.3 },
  ),
  ...of(
    "datacore",
    "html",
    /^the datacore: it takes no facts: Flowcore's address answered .* proxy/,
    {
      on: "ingest",
    },
  ),
  ...of(
    "datacore",
    "revokedKey",
    /Flowcore does not accept the API key/,
    { on: "ingest" },
    { on: "read" },
  ),
  ...of(
    "datacore",
    "forbidden",
    /Flowcore does not allow this to the API key/,
    { on: "ingest" },
    { on: "read" },
  ),
  ...of(
    "datacore",
    "failBefore",
    /^consumer of vivenu\.\w+\.0: (Flowcore (answered|cannot|did)|it stands still)/,
    ...statuses("read", 429, 500, 503, "timeout", "reset"),
  ),
  ...of("datacore", "html", /^consumer of vivenu\.\w+\.0: Flowcore's address answered .* proxy/, {
    on: "read",
  }),
  ...of("datacore", "slowPages", /^consumer of vivenu\.\w+\.0: Flowcore did not answer/, {
    msPerEvent: 0,
    hangAbove: 10,
  }),
  ...of(
    "datacore",
    "failBefore",
    /^consumer of vivenu\.\w+\.0: Flowcore (answered|cannot)/,
    ...statuses("buckets", 503, "reset"),
  ),
  ...of("datacore", "failBefore", /^the Data Pathway: /, ...statuses("pathways", 503, "reset")),
  ...of("datacore", "html", /^the Data Pathway: .* something else/, { on: "pathways" }),
  ...of("datacore", "revokedKey", /^the Data Pathway: .* refuses the key/, { on: "pathways" }),
  ...of("datacore", "forbidden", /^the Data Pathway: .* IAM policy forbids/, { on: "pathways" }),
  ...of("vivenu", "unavailable", /^Vivenu for \w+: /, { status: 500 }, { status: 503 }),
  ...of("vivenu", "unavailable", /^Vivenu for DACH: /, { on: "tickets", account: "DACH" }),
  ...of("vivenu", "hang", /^Vivenu for \w+: /, { holdMs: 120_000 }),
  ...of("vivenu", "reset", /^Vivenu for \w+: /, {}),
  ...of("vivenu", "truncatedJson", /^Vivenu for \w+: /, {}),
  ...of("vivenu", "html", /^Vivenu for \w+: /, {}),
  ...of(
    "vivenu",
    "refused",
    /^the key of \w+: Vivenu refuses it since/,
    { status: 401 },
    { status: 403 },
    { status: 401, account: "DACH" },
  ),
  ...of("vivenu", "throttle", /^Vivenu's limit for \w+: /, { retryAfterS: 2 }),
  ...of(
    "sheets",
    "failBefore",
    /^the sheet: /,
    ...statuses("read", 401, 403, 404, 429, 500, 503, "timeout", "reset"),
  ),
  ...of("sheets", "failBefore", /^the sheet: /, ...statuses("write", 429, 503, "timeout", "reset")),
  ...of("sheets", "failAfter", /^the sheet: /, { status: 500 }, { status: "reset" }),
  ...of("sheets", "html", /^the sheet: /, { on: "read" }, { on: "write" }),
  // A token holds for an hour, and what is asked for with it is answered meanwhile: it is asked for anew where it is not.
  ...of("sheets", "failBefore", /^the sheet: Google gave no token \(401\)/, [
    { on: "token", status: 401 },
    { on: "read", status: 401 },
  ]),
  ...of("notices", "slack", /^the channel slack: it takes no messages: .*503/, 503),
  ...of("notices", "webhook", /^the channel webhook: it takes no messages: .*500/, 500),
  ...of("notices", "email", /^the channel email: it takes no messages: .*451/, 451),
];

export interface Told {
  name: string;
  /** Seconds until it was said, and until it was gone; null where that did not come. */
  saidS: number | null;
  goneS: number | null;
  sentence: string | null;
  /** What was said at the end of the time, where it was not said. */
  instead: string[];
}

export interface ToldOptions {
  cases: readonly ToldCase[];
  /** For each of the two. */
  withinS: number;
  /** How long a fault lasts after it was said. */
  holdS: number;
  onCase: (told: Told) => void;
}

/** One fault after the other in a world with sales: how soon `/status` names it, and how soon it no longer does. */
export async function tellsFaults({ cases, withinS, holdS, onCase }: ToldOptions): Promise<Told[]> {
  const settings = {
    ...{ POLL_SCHEDULE: "0 2 * * *", CHANGES_INTERVAL: "10", HINT_INTERVAL: "5" },
    ...{ SHEET_GATHER: "1", LOG_LEVEL: "error", FLOWCORE_PATHWAY_NAME: PATHWAY },
  };
  await using receivers = await received();
  const { NOTIFICATIONS } = receivers;
  await using service = await serveApart({ settings: { ...settings, NOTIFICATIONS } });
  const { outside, url } = service;
  const problems = async (): Promise<string[]> => {
    const headers = { "x-api-key": API_KEY };
    const answer = await fetch(`${url}/status`, { headers }).catch(() => undefined);
    // The cast: what the API promises is held by its own tests.
    const said = (await answer?.json().catch(() => undefined)) as { problems?: string[] };
    return said?.problems ?? ["no answer"];
  };
  const well = async () => (await problems()).length === 0;
  await until(well, { withinMs: 120_000, what: "nothing is wrong at the start" });
  const crowd = await actor(outside, seeded(1));
  const load = keepActing(crowd.act, seeded(2));
  const all: Told[] = [];
  try {
    for (const { system, faults, says } of cases) {
      const name = `${system} ${JSON.stringify(faults)}`;
      // Of the one before nothing is to be left.
      await watch(withinS)(well);
      let instead: string[] = [];
      const end = strike({ ...outside, notices: receivers.played }, system, faults);
      const seconds = watch(withinS);
      let sentence: string | undefined;
      const saidS = await seconds(async () => {
        instead = await problems();
        sentence = instead.find((one) => says.test(one));
        return sentence !== undefined;
      });
      await Bun.sleep(holdS * 1_000);
      end();
      const goneS = await watch(withinS)(
        async () => !(await problems()).some((one) => says.test(one)),
      );
      const told = { name, saidS, goneS, sentence: sentence ?? null, instead };
      all.push(told);
      onCase(told);
    }
  } finally {
    await load.stop();
  }
  return all;
}

/** Where people are told: everything, by each kind of channel. */
async function received() {
  const played = await playNotices();
  const channels = {
    slack: { slack: played.slackUrl },
    webhook: { webhook: played.webhookUrl, keys: [played.key] },
    email: { email: ["office@example.com"] },
  };
  const smtp = { url: played.smtpUrl, from: "monitor@example.com" };
  const rules = [{ to: Object.keys(channels) }];
  return {
    played,
    NOTIFICATIONS: JSON.stringify({ channels, smtp, rules }),
    [Symbol.asyncDispose]: () => played.stop(),
  };
}

/** Returns how to end it. */
function strike(
  played: Outside & { notices: PlayedNotices },
  system: System,
  faults: ToldCase["faults"],
) {
  if (system === "notices") {
    played.notices.fail(faults);
    return () => played.notices.fail({});
  }
  // The cast: the names of faults are those of the switchboards, which refuse others.
  played[system].faults.set(faults as never);
  return () => played[system].faults.clear();
}

/** Seconds until it is so, or null. */
const watch = (withinS: number) => async (isSo: () => Promise<boolean>) => {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  while (seconds() < withinS) {
    if (await isSo()) return Math.round(seconds() * 10) / 10;
    await Bun.sleep(500);
  }
  return null;
};
