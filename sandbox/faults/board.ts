import { z } from "zod";
import { type Random, seeded } from "../random.ts";

/**
 * When a fault strikes. Of what it is meant for, the first `skip` are let pass; of the others each is
 * struck with `probability`, `next` of them at most.
 */
const when = {
  probability: z.number().min(0).max(1).default(1),
  next: z.int().positive().optional(),
  skip: z.int().nonnegative().default(0),
};

export type When = z.output<z.ZodObject<typeof when>>;

/** A fault with settings of its own; any other setting is refused. */
export const fault = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({ ...when, ...shape });

/** The faults of one played system by their names. */
export type Catalogue = Record<string, z.ZodType<When>>;

/** One or several of each fault, each with its own chance; `seed` decides who is struck. */
export type Settings<Faults extends Catalogue> = { seed?: number } & {
  [Name in keyof Faults]?: z.input<Faults[Name]> | z.input<Faults[Name]>[];
};

export interface FaultState {
  /** As they were set, with what was left out filled in; empty when nothing is set. */
  settings: Record<string, unknown>;
  /** How often each fault struck since the last `set`. */
  injected: Record<string, number>;
}

/** The switchboard of a played system, for whoever starts it; the admin route does the same. */
export interface FaultSwitch<Given = unknown> {
  /** Instead of what was set before; chance and counters begin anew. Throws what is wrong. */
  set(settings: Given): void;
  /** From now on nothing strikes; the counters stay. */
  clear(): void;
  read(): FaultState;
}

export interface Struck<Rule> {
  rule: Rule;
  /** The rule's own chance, for whatever else it has to decide. */
  random: Random;
  seed: number;
}

export interface FaultBoard<Faults extends Catalogue> extends FaultSwitch<Settings<Faults>> {
  readonly active: boolean;
  /** The first rule of that name that is meant for this and strikes now; counted. */
  strike<Name extends keyof Faults & string>(
    name: Name,
    isMeant?: (rule: z.output<Faults[Name]>) => boolean,
  ): Struck<z.output<Faults[Name]>> | undefined;
}

/** What is wrong with the settings that were given, each by its place. */
export class FaultsRefused extends Error {
  override readonly name = "FaultsRefused";
}

interface Live {
  rule: When;
  random: Random;
  seen: number;
  struck: number;
}

/**
 * Every rule draws from a generator of its own, so a second fault does not change whom the first one
 * strikes, and the same seed and requests give the same faults.
 */
export function faultBoard<Faults extends Catalogue>(
  faults: Faults,
  initial?: Settings<Faults>,
): FaultBoard<Faults> {
  const schema = rulesOf(faults);
  let settings: { seed: number } | undefined;
  let live = new Map<string, Live[]>();
  let injected: Record<string, number> = {};

  const board: FaultBoard<Faults> = {
    get active() {
      return live.size > 0;
    },
    set(given) {
      const { seed, ...rest } = parse(Seed, given);
      const rules = parse(schema, rest);
      settings = { seed, ...rules };
      injected = {};
      live = new Map(
        Object.entries(rules).map(([name, list = []]) => [
          name,
          list.map((rule, place) => ({
            rule,
            random: seeded(Bun.hash.crc32(`${seed} ${name} ${place}`)),
            seen: 0,
            struck: 0,
          })),
        ]),
      );
    },
    clear() {
      settings = undefined;
      live = new Map();
    },
    read: () => ({ settings: settings ?? {}, injected: { ...injected } }),
    strike(name, isMeant = () => true) {
      for (const one of live.get(name) ?? []) {
        // The cast: a rule under a name was parsed by that name's schema.
        const rule = one.rule as z.output<Faults[typeof name]>;
        if (!isMeant(rule) || !strikes(one)) continue;
        injected[name] = (injected[name] ?? 0) + 1;
        return { rule, random: one.random, seed: settings?.seed ?? 0 };
      }
      return undefined;
    },
  };
  if (initial) board.set(initial);
  return board;
}

function strikes(one: Live) {
  const { probability, next = Number.POSITIVE_INFINITY, skip } = one.rule;
  one.seen += 1;
  if (one.seen <= skip || one.struck >= next || one.random() >= probability) return false;
  one.struck += 1;
  return true;
}

const Seed = z.looseObject({ seed: z.int().nonnegative().default(1) });

/** A fault may be one rule or a list of them; what was parsed always has lists. */
function rulesOf(faults: Catalogue) {
  const lists: Record<string, z.ZodType<When[] | undefined>> = {};
  for (const [name, rule] of Object.entries(faults)) {
    lists[name] = z
      .unknown()
      .transform((given) => (Array.isArray(given) ? given : [given]))
      .pipe(z.array(rule))
      .optional();
  }
  return z.strictObject(lists);
}

function parse<Output>(schema: z.ZodType<Output>, given: unknown): Output {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new FaultsRefused(faults.join("; "));
}
