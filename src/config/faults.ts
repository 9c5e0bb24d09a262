import type { z } from "zod";

/** The settings cannot be used as they are; each fault is named, and what is set beside them and does nothing. */
export class UnusableEnvironment extends Error {
  readonly faults: string[];
  /** Those of `faults` that alone would stop nothing: one of them may be what is missing. */
  readonly notes: string[];
  constructor(faults: string[], notes: string[] = []) {
    const all = [...faults, ...notes];
    super(`the environment is not usable:\n${all.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = all;
    this.notes = notes;
  }
}

export const faultOf = ({ path, message }: z.core.$ZodIssue, given: Record<string, unknown>) => {
  const name = String(path[0] ?? "the environment");
  return given[name] === undefined ? `${name} is missing` : `${name} ${message}`;
};
