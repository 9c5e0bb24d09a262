import { createHash, randomBytes } from "node:crypto";
import { readKeys } from "../config/api-keys.ts";
import { type Outcome, WrongUsage } from "./run/outcome.ts";

/** Begins with letters, so that who finds one somewhere knows what it opens; 192 bits of chance. */
const PREFIX = "vem_";

export interface NewKey {
  name: string;
  scopes: string;
}

/** A key that nobody has seen, shown this once, and the line by which the service knows it. */
export function makeApiKey({ name, scopes }: NewKey): Outcome {
  const key = PREFIX + randomBytes(24).toString("base64url");
  const line = `${name}:${scopes}:${createHash("sha256").update(key).digest("hex")}`;
  const { faults } = readKeys(line);
  if (faults.length > 0)
    throw new WrongUsage(faults.map((fault) => fault.replace(/^entry 1 /, "the key ")).join("; "));
  const text = [
    `The key, which is shown this once:\n\n  ${key}\n`,
    `The service knows it by this entry of API_KEYS, or line of API_KEYS_FILE:\n\n  ${line}`,
  ].join("\n");
  return { value: { key, line }, text };
}
