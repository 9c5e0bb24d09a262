import type { Logger } from "../lib/logger.ts";
import { delivery, event, type Level, ticket } from "./known-fields.ts";

const levels = { delivery, event, ticket };

/** A process names no more than so many: one that is made of data would never end. */
const MOST = 100;
/** A field's name as programmers write one; anything else may be what somebody typed. */
const FIELD = /^[A-Za-z_$][A-Za-z0-9_$]{0,49}$/;
const A_VALUE = /[0-9a-f]{8}|\d{4}/i;

/** By the log, of which a process has one: each field is said once. */
const saidBy = new WeakMap<Logger, Set<string>>();

/**
 * Says in the log, once a process, that Vivenu sends a field that is not known: it may mean something.
 * Only its name and where it is are said, never what is in it.
 */
export function reportUnknown(logger: Logger, what: keyof typeof levels, rows: readonly unknown[]) {
  const said = saidBy.get(logger) ?? new Set<string>();
  saidBy.set(logger, said);
  for (const row of rows) walk(row, levels[what], what);

  function walk(row: unknown, { known, below }: Level, path: string): void {
    if (!isObject(row) || said.size >= MOST) return;
    for (const name of Object.keys(row)) if (!known.has(name)) report(`${path}.${name}`, name);
    for (const [name, level] of Object.entries(below ?? {})) {
      const under = row[name];
      if (Array.isArray(under)) for (const one of under) walk(one, level, `${path}.${name}[]`);
    }
  }

  function report(path: string, name: string) {
    if (said.has(path) || said.size >= MOST || !FIELD.test(name) || A_VALUE.test(name)) return;
    said.add(path);
    logger.warn({ field: path }, "vivenu.unknown_field");
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
