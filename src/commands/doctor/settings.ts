import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { HYROX_REGIONS, regionNames, regionVariables } from "../../config/accounts.ts";
import { type Config, loadConfig, variables } from "../../config/config.ts";
import { UnusableEnvironment } from "../../config/faults.ts";
import { setVariables } from "../../config/values.ts";
import { messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/logger.ts";
import { type Finding, ok, SETTINGS, unchecked, wrong } from "./finding.ts";

type Env = Record<string, string | undefined>;

export interface UsableSettings {
  /** What the usable ones come to; undefined where not even that. */
  config: Config | undefined;
  faults: string[];
  /** What is set and does nothing. */
  notes: readonly string[];
  /** The variables that are missing or unusable: what needs one of them cannot be checked. */
  broken: ReadonlySet<string>;
}

/** A variable that is not called like a word of a sentence, or is one of ours all the same, as `PORT`. */
const NAME = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g;
const namesIn = (fault: string) =>
  (fault.match(NAME) ?? []).filter((name) => name.includes("_") || variables.includes(name));
/** Each fault's own removal may bring another to light. */
const ROUNDS = 6;

/** Nothing is ever asked by these: whatever needs one of them is left out. */
const STAND_INS: Env = {
  DATABASE_URL: "postgres://127.0.0.1:1/none",
  BACKEND_API_KEY: "stands-in-for-one-that-is-not-there",
  FLOWCORE_TENANT: "none",
  FLOWCORE_DATA_CORE: "none",
  FLOWCORE_API_KEY: "fc_not_there",
};

/** The settings without those that are missing or wrong, so that the others can be checked all the same. */
export function usableSettings(env: Env, { dev }: { dev: boolean }): UsableSettings {
  const broken = new Set<string>();
  const rest = { ...setVariables(env) };
  let first: Pick<UsableSettings, "faults" | "notes"> | undefined;
  /** The accounts' names, where none of them is on. */
  let regions: string[] | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    try {
      const config = loadConfig(rest, { dev });
      const usable = regions ? withoutAccounts(config, regions) : config;
      return { faults: [], notes: config.notes, ...first, config: usable, broken };
    } catch (error) {
      const { faults, notes } = faultsOf(error);
      first ??= { faults, notes };
      for (const name of faults.flatMap(namesIn)) {
        broken.add(name);
        rest[name] = STAND_INS[name];
      }
      if (!faults.some((fault) => fault.startsWith("no account"))) continue;
      regions ??= regionNames.safeParse(rest.VIVENU_REGIONS).data ?? HYROX_REGIONS;
      rest.VIVENU_REGIONS = "DACH";
      rest.DACH_API = "stands-in";
    }
  }
  return { faults: [], notes: [], ...first, config: undefined, broken };
}

function faultsOf(error: unknown) {
  if (!(error instanceof UnusableEnvironment)) return { faults: [messageOf(error)], notes: [] };
  const { faults, notes } = error;
  return { faults: faults.filter((fault) => !notes.includes(fault)), notes };
}

/** The account that stood in for one that is not there is asked nothing. */
const withoutAccounts = (config: Config, regions: string[]): Config => ({
  ...config,
  vivenu: { ...config.vivenu, regions, accounts: [] },
});

const MISSPELT = /^\w+ is no variable of this service; (\w+) is$/;

export function settingFindings({ faults, notes }: UsableSettings): Finding[] {
  const findings = faults.map((fault) => {
    const meant = MISSPELT.exec(fault)?.[1];
    const mend = meant
      ? `did you mean ${meant}? Then rename it`
      : "docs/configuration.md says what it must be";
    return wrong(SETTINGS, redactText(fault), mend);
  });
  return [
    ...(findings.length > 0 ? findings : [ok(SETTINGS, "every setting is usable")]),
    ...notes.map((note) => unchecked(SETTINGS, note)),
  ];
}

export interface Origins {
  env: Env;
  /** The checkout, where `.env.local` is. */
  root: string;
  /** What a running `dev` left, by its path, where that is asked. */
  devFile?: string | undefined;
  /** The accounts, each of which has variables of its own. */
  regions?: string[];
}

/** Where what is set came from, by name alone; and what a file says that something else overrides. */
export async function settingOrigins(
  variables: readonly string[],
  { env, root, devFile, regions = [] }: Origins,
) {
  const check = "where from";
  const given = setVariables(env);
  const files = await Promise.all(
    [...(devFile ? [devFile] : []), join(root, ".env.local")].map(async (path) => ({
      name: path.startsWith(root) ? path.slice(root.length).replace(/^[/\\]/, "") : path,
      values: setVariables(parseEnv(await readFile(path, "utf8").catch(() => ""))),
    })),
  );
  const by = new Map<string, string[]>();
  const overridden: string[] = [];
  for (const name of [...variables, ...regionVariables(regions)]) {
    if (given[name] === undefined) continue;
    const file = files.find(({ values }) => values[name] === given[name]);
    const origin = file?.name ?? "the environment";
    by.set(origin, [...(by.get(origin) ?? []), name]);
    const passed = files.find(({ values }) => values[name] !== undefined);
    if (passed && passed !== file) overridden.push(`${name} (${passed.name} has another)`);
  }
  return [
    ...[...by].map(([origin, names]) => ok(check, `${origin}: ${names.join(", ")}`)),
    ...(overridden.length > 0
      ? [ok(check, `what stands there overrides a file: ${overridden.join(", ")}`)]
      : []),
    ok(
      check,
      `defaults: the other ${variables.filter((name) => given[name] === undefined).length}`,
    ),
  ];
}
