import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Glob } from "bun";

export interface Instruction {
  name: string;
  /** `--from=`, `--mount=` and the like. */
  flags: string[];
  value: string;
}

export interface Stage {
  name: string;
  from: string;
  instructions: Instruction[];
}

export interface Dockerfile {
  /** What is declared before the first stage. */
  args: Record<string, string>;
  stages: Stage[];
}

/** Instructions with their continuation lines joined and their comments gone. */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .join("\n")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const dockerfile: Dockerfile = { args: {}, stages: [] };
  for (const line of lines) {
    const instruction = parseInstruction(line);
    const stage = dockerfile.stages.at(-1);
    if (instruction.name === "FROM") {
      const [from = "", , name = ""] = instruction.value.split(/\s+/);
      dockerfile.stages.push({ name, from, instructions: [] });
    } else if (stage) stage.instructions.push(instruction);
    else {
      const [name = "", value = ""] = instruction.value.split("=");
      dockerfile.args[name] = value.replaceAll('"', "");
    }
  }
  return dockerfile;
}

function parseInstruction(line: string): Instruction {
  const [, name = "", rest = ""] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? [];
  const flags: string[] = [];
  let value = rest.trim();
  for (let flag = /^(--\S+)\s+/.exec(value); flag; flag = /^(--\S+)\s+/.exec(value)) {
    flags.push(flag[1] ?? "");
    value = value.slice(flag[0].length);
  }
  return { name: name.toUpperCase(), flags, value };
}

/** The value of an instruction in its exec form: `CMD ["serve"]`. */
export const execForm = (value: string): string[] => JSON.parse(value.replace(/^CMD\s+/, ""));

/** `NAME=value` pairs, quoted or not. */
export const pairsOf = (value: string): Record<string, string> =>
  Object.fromEntries(
    [...value.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, bare]) => [
      name,
      quoted ?? bare,
    ]),
  );

export interface Replay {
  /** The build context. */
  context: string;
  /** Gets a folder for each stage. */
  into: string;
  runShell: (command: string, cwd: string) => Promise<void>;
}

/** Does what the stages' COPY and RUN lines do, and returns the last stage's root. */
export async function replay({ stages }: Dockerfile, { context, into, runShell }: Replay) {
  const ignores = await readDockerignore(context);
  const rootOf = (stage: Stage) => join(into, stage.name);
  for (const stage of stages) {
    const workdir = join(rootOf(stage), "app");
    await mkdir(workdir, { recursive: true });
    for (const { name, flags, value } of stage.instructions) {
      if (name === "RUN") await runShell(value, workdir);
      if (name !== "COPY") continue;
      const from = flags.find((flag) => flag.startsWith("--from="))?.slice("--from=".length);
      const sources = value.split(/\s+/);
      const target = join(workdir, sources.pop() ?? "");
      const isFolder = sources.length > 1 || value.endsWith("/");
      for (const source of sources)
        await copy(source, isFolder ? join(target, source) : target, from);
    }
  }
  const last = stages.at(-1);
  if (!last) throw new Error("the Dockerfile has no stage");
  return rootOf(last);

  async function copy(source: string, target: string, from: string | undefined) {
    await mkdir(dirname(target), { recursive: true });
    if (from) return cp(join(into, from, source), target, { recursive: true });
    const filter = (path: string) => !ignores(path.slice(context.length + 1));
    return cp(join(context, source), target, { recursive: true, filter });
  }
}

/** The last line that fits a path or a folder above it decides, as in Docker. */
async function readDockerignore(context: string) {
  const lines = (await readFile(join(context, ".dockerignore"), "utf8"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const rules = lines.map((line) => ({
    glob: new Glob(line.replace(/^!/, "")),
    ignored: !line.startsWith("!"),
  }));
  return (path: string) => {
    const parts = path.split("/");
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    const last = rules.findLast(({ glob }) => paths.some((one) => glob.match(one)));
    return last?.ignored ?? false;
  };
}
