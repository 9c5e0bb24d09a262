import type { z } from "zod";

/** The settings cannot be used as they are; each fault is named. */
export class UnusableEnvironment extends Error {
  readonly faults: string[];
  constructor(faults: string[]) {
    super(`the environment is not usable:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

export const faultOf = ({ path, message }: z.core.$ZodIssue, given: Record<string, unknown>) => {
  const name = String(path[0] ?? "the environment");
  return given[name] === undefined ? `${name} is missing` : `${name} ${message}`;
};
