import { readFile } from "node:fs/promises";
import { type ReadKeys, readKeys } from "../../config/api-keys.ts";

const words: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "this process may not read it",
  EPERM: "this process may not read it",
  EISDIR: "it is a folder",
};

/** The keys of `API_KEYS_FILE`; a file that cannot be read is a fault as one in an entry is. */
export async function readKeysFile(path: string): Promise<ReadKeys> {
  try {
    return readKeys(await readFile(path, "utf8"));
  } catch (error) {
    return { keys: [], faults: [wordOf(error)] };
  }
}

/** Of another file, put in its place by mistake, every line is one. */
const NAMED = 3;

export const describeFaults = (faults: readonly string[]) =>
  [
    ...faults.slice(0, NAMED),
    ...(faults.length > NAMED ? [`and ${faults.length - NAMED} more`] : []),
  ].join("; ");

/** What the operating system says has the path in it, which is nobody's who reads `/status`. */
const wordOf = (error: unknown) => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return words[code] ?? `it cannot be read${code === "" ? "" : ` (${code})`}`;
};
