import { describe, expect, test } from "bun:test";
import type { Command } from "commander";
import { completions, type Shell, shells } from "./completions.ts";
import { createProgram } from "./program.ts";

const program = createProgram({
  ...{ env: {}, json: false, stdout: process.stdout, stderr: process.stderr },
  stopSignal: () => new AbortController().signal,
  onEnd: () => {},
});

/** What the shell offers at the end of the words; the last may be begun, or empty. */
type Complete = (...words: string[]) => Promise<string[]>;

async function said(command: string[]) {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect({ err, code: await child.exited }).toEqual({ err: "", code: 0 });
  return out.split("\n").filter(Boolean);
}

const bashScript = (shell: Shell, words: string[]) =>
  `${completions(program, shell)}
COMP_WORDS=("$@")
COMP_CWORD=${words.length}
_vivenu_event_monitor
printf '%s\\n' "\${COMPREPLY[@]}"`;

const ways: Partial<Record<Shell, Complete>> = {};
const bash = Bun.which("bash");
if (bash)
  ways.bash = (...words) =>
    said([bash, "-uc", bashScript("bash", words), "bash", "vivenu-event-monitor", ...words]);
const zsh = Bun.which("zsh");
const fish = Bun.which("fish");
if (fish)
  ways.fish = async (...words) => {
    const line = ["vivenu-event-monitor", ...words].join(" ");
    const script = `${completions(program, "fish")}\ncomplete -C '${line}'`;
    // What it offers is followed by a tab and the description.
    return (await said([fish, "--no-config", "-c", script])).map(
      (offer) => offer.split("\t")[0] ?? "",
    );
  };

test("there is a bash to try it", () => expect(ways.bash).toBeDefined());

describe.each(Object.entries(ways))("%s", (_, complete) => {
  test("offers the program's commands, and no file", async () => {
    const offered = await complete("");
    for (const command of program.commands) expect(offered).toContain(command.name());
    expect(offered).not.toContain("package.json");
  });

  test("offers only what goes on as it was begun", async () => {
    expect((await complete("d")).sort()).toEqual(["datacore", "dev", "doctor"]);
    expect(await complete("webhooks", "s")).toEqual(["sync"]);
    expect(await complete("webhooks", "s", "--dev", "q")).toEqual([]);
  });

  test("offers a command's own options and those of all", async () => {
    const offered = await complete("webhooks", "sync", "--");
    expect(offered).toEqual(expect.arrayContaining(["--public-url", "--dev", "--json", "--help"]));
    expect(offered).not.toContain("--region");
  });

  test("offers the values of an option that has a few, and of an argument", async () => {
    expect((await complete("export", "--format", "")).sort()).toEqual(["csv", "xlsx"]);
    expect(await complete("export", "--dev", "--format", "x")).toEqual(["xlsx"]);
    expect(
      (await complete("completions", "")).filter((word) => !word.startsWith("-")).sort(),
    ).toEqual([...shells].sort());
  });

  test("offers nothing where any text may stand, and folders where one must", async () => {
    expect(await complete("replay", "--from", "")).toEqual([]);
    const folders = await complete("export", "--folder", "sr");
    expect(folders.map((path) => path.replace(/\/$/, ""))).toEqual(["src"]);
  });
});

/** Every name and every long flag below the program, but those that its help hides: no person types them. */
const namesIn = ({ commands }: Pick<Command, "commands">): string[] =>
  commands.flatMap((command) => [
    command.name(),
    ...command.options.flatMap(({ long, hidden }) =>
      hidden ? [] : (long?.replace("--", "") ?? []),
    ),
    ...namesIn(command),
  ]);

test.each([...shells])("the script for %s names every command and every option", (shell) => {
  const script = completions(program, shell);
  expect(namesIn(program).length).toBeGreaterThan(30);
  for (const name of namesIn(program)) expect(script).toContain(name);
});

test("no name is more than a word to a shell", () => {
  for (const name of namesIn(program)) expect(name).toMatch(/^[a-z][a-z-]*$/);
});

test("the script for zsh is bash's, which zsh runs itself", async () => {
  const script = completions(program, "zsh");
  expect(script).toEndWith(completions(program, "bash"));
  expect(script).toContain("bashcompinit");
  for (const shell of [zsh, bash]) if (shell) await said([shell, "-nc", script]);
});
