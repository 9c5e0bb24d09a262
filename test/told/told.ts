import { seeded } from "../../sandbox/random.ts";
import { actor } from "../crash/actor.ts";
import { keepActing } from "../crash/world.ts";
import { API_KEY } from "../support/outside.ts";
import { serveApart } from "../support/served.ts";
import { until } from "../support/stage.ts";

type System = "datacore" | "vivenu" | "sheets";

export interface ToldCase {
  system: System;
  fault: string;
  rule: Record<string, unknown>;
  /** What one of the sentences of `/status` has to say. */
  says: RegExp;
}

const of = (system: System, fault: string, says: RegExp, ...rules: ToldCase["rule"][]) =>
  rules.map((rule): ToldCase => ({ system, fault, rule, says }));
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
  ...of("vivenu", "unavailable", /^Vivenu for \w+: /, { status: 500 }, { status: 503 }),
  ...of("vivenu", "hang", /^Vivenu for \w+: /, { holdMs: 120_000 }),
  ...of("vivenu", "reset", /^Vivenu for \w+: /, {}),
  ...of("vivenu", "truncatedJson", /^Vivenu for \w+: /, {}),
  ...of("vivenu", "html", /^Vivenu for \w+: /, {}),
  ...of("vivenu", "refused", /^the key of \w+: Vivenu refuses it since/, { status: 401 }),
  ...of("vivenu", "throttle", /^Vivenu's limit for \w+: /, { retryAfterS: 2 }),
  ...of(
    "sheets",
    "failBefore",
    /^the sheet: /,
    ...statuses("read", 401, 403, 429, 500, 503, "timeout", "reset"),
  ),
  ...of("sheets", "failBefore", /^the sheet: /, ...statuses("write", 429, 503, "timeout", "reset")),
  // A token holds for an hour, and what is asked for with it is answered meanwhile: a fault of tokens strikes at a start.
  ...of("sheets", "html", /^the sheet: /, { on: "read" }),
];

export interface Told {
  name: string;
  /** Seconds until it was said, and until it was gone; null where that did not come. */
  saidS: number | null;
  goneS: number | null;
  sentence: string | null;
}

export interface ToldOptions {
  cases: readonly ToldCase[];
  /** For each of the two. */
  withinS: number;
  onCase: (told: Told) => void;
}

/** One fault after the other in a world with sales: how soon `/status` names it, and how soon it no longer does. */
export async function tellsFaults({ cases, withinS, onCase }: ToldOptions): Promise<Told[]> {
  const settings = {
    ...{ POLL_SCHEDULE: "0 2 * * *", CHANGES_INTERVAL: "10", HINT_INTERVAL: "5" },
    ...{ SHEET_GATHER: "1", LOG_LEVEL: "error" },
  };
  await using service = await serveApart({ settings });
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
    for (const { system, fault, rule, says } of cases) {
      const name = `${system} ${fault} ${JSON.stringify(rule)}`;
      // Of the one before nothing is to be left.
      await watch(withinS)(well);
      // The cast: the names of faults are those of the switchboards, which refuse others.
      outside[system].faults.set({ [fault]: rule } as never);
      const seconds = watch(withinS);
      let sentence: string | undefined;
      const saidS = await seconds(async () => {
        sentence = (await problems()).find((one) => says.test(one));
        return sentence !== undefined;
      });
      outside[system].faults.clear();
      const goneS = await watch(withinS)(
        async () => !(await problems()).some((one) => says.test(one)),
      );
      const told = { name, saidS, goneS, sentence: sentence ?? null };
      all.push(told);
      onCase(told);
    }
  } finally {
    await load.stop();
  }
  return all;
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
