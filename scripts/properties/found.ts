/** Lines of what was said before a failure that are shown of it. */
const LINES_SHOWN = 60;

export interface Found {
  /** From the root on, as Bun names it. */
  file: string;
  /** The end of what was said of it, and the failed test's name as its last line. */
  said: string;
}

/** Chance comes to a test from the run's seed and from nowhere else: it imports what has it. */
export const isByChance = (code: string) =>
  /^import [^;]* from "[^"]*support\/(fast-check|seed)\.ts";/m.test(code);

/** What failed in an output of `bun test`, where each file's part begins with its name. */
export function failuresIn(output: string): Found[] {
  // Where files ran beside each other, those that failed are listed once more at the end.
  const [run = ""] = output.split(/^\d+ tests? failed:$/m);
  const found: Found[] = [];
  let file = "";
  let said: string[] = [];
  for (const line of run.split("\n")) {
    const named = /^(\S+\.test\.ts):$/.exec(line)?.[1];
    if (named) file = named;
    else said.push(line);
    if (line.startsWith("(fail)"))
      found.push({ file, said: said.slice(-LINES_SHOWN).join("\n").trim() });
    if (named || /^\((pass|fail)\)/.test(line)) said = [];
  }
  return found;
}
