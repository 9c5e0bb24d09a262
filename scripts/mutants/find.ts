import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";
import { API } from "typescript/unstable/async";
import type { Change } from "./change.ts";
import { codeChanges } from "./code-changes.ts";

export const ROOMS = [
  ...["rules", "vivenu", "sheets", "datacore", "projections", "intake", "database", "api"],
] as const;

/** Every change of the product's files under this path, or of all rooms that answers hang on. */
export async function findChanges(root: string, path?: string): Promise<Change[]> {
  const files = [...new Glob("src/**/*.ts").scanSync(root)]
    .filter((file) => !/\.(test|d)\.ts$/.test(file))
    .filter((file) =>
      path ? file === path || file.startsWith(`${path}/`) : ROOMS.some((room) => isIn(file, room)),
    )
    .sort();
  const kept = join(root, "node_modules", ".cache", "mutants-changes.json");
  const known: Known = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : {};
  const key = keyOf(root, files);
  const name = path ?? "";
  if (known[name]?.key === key) return known[name].changes;
  const changes = await changesOf(root, files);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify({ ...known, [name]: { key, changes } }));
  return changes;
}

/** To look through files takes longer than to try a change: by path, what was found in these very files. */
type Known = Record<string, { key: string; changes: Change[] }>;

function keyOf(root: string, files: readonly string[]) {
  const own = [...new Glob("*.ts").scanSync(import.meta.dir)].sort();
  const paths = [
    ...own.map((file) => join(import.meta.dir, file)),
    ...files.map((file) => join(root, file)),
  ];
  const texts = paths.map((path) => `${path}\n${readFileSync(path, "utf8")}`);
  return Bun.hash(texts.join("\n")).toString(36);
}

async function changesOf(root: string, files: readonly string[]): Promise<Change[]> {
  const api = new API({ cwd: root });
  try {
    const config = join(root, "tsconfig.json");
    const project = (await api.updateSnapshot({ openProjects: [config] })).getProject(config);
    if (!project) throw new Error(`${config} could not be opened`);
    const found: Change[] = [];
    for (const file of files) {
      const source = await project.program.getSourceFile(join(root, file));
      if (!source) throw new Error(`${file} is no part of ${relative(root, config)}`);
      found.push(...codeChanges(file, source).filter((change) => stillParses(source.text, change)));
    }
    return found;
  } finally {
    await api.close();
  }
}

export const isIn = (file: string, room: string) => file.startsWith(`src/${room}/`);

const transpiler = new Bun.Transpiler({ loader: "ts" });

export const changed = (text: string, { start, end, replacement }: Change) =>
  `${text.slice(0, start)}${replacement}${text.slice(end)}`;

function stillParses(text: string, change: Change) {
  try {
    transpiler.transformSync(changed(text, change));
    return true;
  } catch {
    return false;
  }
}
