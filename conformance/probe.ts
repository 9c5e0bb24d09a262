/** How sure we are of what must come back: read in code or seen, written by someone who should know, or inferred. */
export type Certainty = "known" | "likely" | "guess";

/** One sentence about an outside system, and how to find out whether it is true. */
export interface Probe<World> {
  /** `flowcore/too-large`: the sandbox's rule that plays this names it. */
  id: string;
  says: string;
  certainty: Certainty;
  /** What must come back. */
  wanted: unknown;
  /** Asks, and returns of the answer what is compared with `wanted`: never a person's data or a key. */
  ask(world: World): Promise<unknown>;
}

/** What a system's probes need before they can run. */
export interface Opened {
  /** The address that is asked. */
  url: string;
  /** What writing makes, in a sentence that is printed before anything is written. */
  makes: string;
  /** Replaced in all that is printed. */
  secrets: string[];
  /** Probes that change nothing. */
  reading(): Promise<Outcome[]>;
  /** Makes what `makes` says, runs the probes that need it, and removes it again. */
  writing(): Promise<Outcome[]>;
}

export interface System {
  name: string;
  about: string;
  /** Options of its own, as flags and what they mean. */
  options: readonly (readonly [flags: string, description: string])[];
  /** All that it knows of its system, for the sandbox's test. */
  ids: string[];
  open(env: Record<string, string | undefined>, given: Given): Opened;
}

export interface Given {
  /** In the place of the real system, and of what the environment says. */
  url?: string | undefined;
  /** Vivenu's account. */
  region?: string | undefined;
  /** Google's spreadsheet. */
  spreadsheet?: string | undefined;
  /** Between two requests, for a system that counts them; each has a default of its own. */
  pauseMs?: number | undefined;
  /** Ends the run after the probe that is under way; what was made is removed all the same. */
  signal: AbortSignal;
}

/** What is not in the environment and has to be. */
export class MissingCredentials extends Error {
  override readonly name = "MissingCredentials";
}

/** What this probe needs is not there: said, and no difference. */
export class NotTried extends Error {
  override readonly name = "NotTried";
}

export interface Outcome {
  id: string;
  says: string;
  certainty: Certainty;
  result: "same" | "differs" | "not tried";
  wanted: string;
  came: string;
}

/** One after the other: some use what those before have written. */
export async function runProbes<World>(
  probes: readonly Probe<World>[],
  world: World,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const probe of probes) {
    if (signal.aborted) break;
    outcomes.push(await outcomeOf(probe, world));
  }
  return outcomes;
}

async function outcomeOf<World>(probe: Probe<World>, world: World): Promise<Outcome> {
  const { id, says, certainty } = probe;
  const wanted = shown(probe.wanted);
  try {
    const came = shown(await probe.ask(world));
    return { id, says, certainty, wanted, came, result: came === wanted ? "same" : "differs" };
  } catch (error) {
    const came = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const result = error instanceof NotTried ? "not tried" : "differs";
    return { id, says, certainty, wanted, came, result };
  }
}

/** JSON with its fields in order of their names, so that two that are equal are the same text. */
export const shown = (value: unknown): string => JSON.stringify(sorted(value)) ?? "nothing";

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** The variables by their names, or the words that say which are missing. */
export function required<Name extends string>(
  env: Record<string, string | undefined>,
  names: readonly Name[],
): Record<Name, string> {
  const missing = names.filter((name) => !env[name]?.trim());
  if (missing.length > 0)
    throw new MissingCredentials(
      `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set. Set what the product itself uses (docs/configuration.md), in the environment or in .env.local.`,
    );
  // Each of the names has just been found.
  return Object.fromEntries(names.map((name) => [name, env[name]])) as Record<Name, string>;
}
