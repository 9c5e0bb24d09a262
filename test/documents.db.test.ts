import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { leases } from "../src/database/lease-names.ts";
import { reusedDatabase } from "./support/reused-database.ts";

const root = join(import.meta.dir, "..");

/** Every document that says how the code is. What was decided once may name what is gone by now. */
const documents = [...new Glob("**/*.md").scanSync({ cwd: root, dot: true })]
  .filter((path) => !/(^|\/)(node_modules|\.git|\.data|dist)\//.test(path))
  .filter((path) => !/^(docs\/decisions|CHANGELOG)\.md$/.test(path))
  .sort();

const textOf = (path: string) => Bun.file(join(root, path)).text();

const architecture = await textOf("docs/architecture.md");

/** `src/a.test.ts`: "a test's name" */
const NAMED_TEST = /`([\w./-]+\.test\.ts)`: "([^"]+)"/g;

test.each(documents)("every test that %s names is there, under that name", async (path) => {
  const missing: string[] = [];
  for (const [, file = "", name = ""] of (await textOf(path)).matchAll(NAMED_TEST)) {
    const source = Bun.file(join(root, file));
    const code = (await source.exists()) ? await source.text() : "";
    const named = [`"${name}"`, `\`${name}\``, `'${name}'`];
    if (!named.some((one) => code.includes(one))) missing.push(`${file}: "${name}"`);
  }
  expect(missing).toEqual([]);
});

test.each(documents)("every file that %s names is there", async (path) => {
  const text = await textOf(path);
  const linked = [...text.matchAll(/\]\(([^)#\s]+)(#[^)\s]*)?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(path), target));
  const named = [
    ...text.matchAll(/`((?:src|test|docs|k8s|scripts|sandbox|bench)\/[\w./-]+)`/g),
  ].map(([, target = ""]) => target);
  const missing = [...new Set([...linked, ...named])].filter(
    (target) => !existsSync(join(root, target)),
  );
  expect(missing).toEqual([]);
});

const sources = [...new Glob("**/*.{ts,tsx}").scanSync({ cwd: root, dot: true })].filter(
  (path) => !/(^|\/)(node_modules|\.data|dist)\//.test(path),
);

/** A room's document calls its files by their names within it; who calls another's says its folder. */
const isSource = (name: string, document: string) => {
  const room = document.startsWith("src/") ? `${dirname(document)}/` : "";
  return sources.some(
    (file) =>
      file === name ||
      file === `src/${name}` ||
      (file.startsWith(room) && file.endsWith(`/${name}`)),
  );
};

test.each([...documents, "docs/decisions.md"])(
  "every source file that %s calls by its name is there",
  async (path) => {
    const named = [...(await textOf(path)).matchAll(/`([\w./-]+\.tsx?)`/g)];
    const missing = named.map(([, name = ""]) => name).filter((name) => !isSource(name, path));
    expect([...new Set(missing)]).toEqual([]);
  },
);

test("every source file that a comment calls by its name is in its room, or said with its folder", async () => {
  const missing: string[] = [];
  for (const path of sources.filter((one) => /^(src|sandbox)\//.test(one))) {
    const comments = [...(await textOf(path)).matchAll(/^\s*(?:\/?\*|\/\/).*$/gm)].join("\n");
    for (const [, name = ""] of comments.matchAll(/`([\w./-]+\.tsx?)`/g)) {
      const room = path.split("/").slice(0, 2).join("/");
      if (!isSource(name, `${room}/README.md`)) missing.push(`${path}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
});

test.each(documents)("every place within a document that %s links to is there", async (path) => {
  const missing: string[] = [];
  for (const [, target = "", anchor = ""] of (await textOf(path)).matchAll(
    /\]\(([^)#\s:]*)#([^)\s]+)\)/g,
  )) {
    const document = target === "" ? path : join(dirname(path), target);
    const headings = [...(await textOf(document)).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    if (!headings.includes(anchor)) missing.push(`${target}#${anchor}`);
  }
  expect(missing).toEqual([]);
});

describe("docs/architecture.md", () => {
  /** | `table` | `src/owner.ts` | */
  const owners = [...architecture.matchAll(/^\| `(\w+)` \| `(src\/[\w./-]+)` \|/gm)].map(
    ([, table = "", owner = ""]) => ({ table, owner }),
  );

  test("names each table of the database once, with its owner", async () => {
    await using database = await reusedDatabase();
    const tables = await database.sql<{ name: string }[]>`
      select tablename as name from pg_tables
      where schemaname = 'public' and tablename <> 'migration'
    `;
    expect(owners.map(({ table }) => table).sort()).toEqual(tables.map(({ name }) => name).sort());
  });

  test.each(owners)("has $table of $owner, which writes it", async ({ table, owner }) => {
    const code = await textOf(owner);
    const writes = new RegExp(`(insert into|update) (?:public\\.)?${table}\\b|"${table}"`);
    expect(writes.test(code)).toBe(true);
  });

  test("says of every file that writes a table of intake that it does", async () => {
    const unsaid: string[] = [];
    for await (const file of new Glob("src/intake/**/*.ts").scan(root)) {
      if (file.endsWith(".test.ts")) continue;
      const code = await textOf(file);
      for (const { table, owner } of owners) {
        const isWritten = new RegExp(`(insert into|update|delete from) ${table}\\b`).test(code);
        const line = architecture.split("\n").find((one) => one.startsWith(`| \`${table}\` |`));
        const name = file.split("/").at(-1) ?? "";
        if (isWritten && file !== owner && !line?.includes(`\`${name}\``))
          unsaid.push(`${file} writes ${table}`);
      }
    }
    expect(unsaid).toEqual([]);
  });

  test("names every lock that a statement takes", async () => {
    const unnamed: string[] = [];
    for await (const file of new Glob("src/**/*.ts").scan(root)) {
      if (file.endsWith(".test.ts")) continue;
      for (const [, name = ""] of (await textOf(file)).matchAll(/hashtextextended\(\$\{`(\w+) /g))
        if (!architecture.includes(`\`${name} <`)) unnamed.push(`${file}: ${name}`);
    }
    expect(unnamed).toEqual([]);
  });

  test("names every lease that a loop holds", () => {
    expect(leases.length).toBeGreaterThan(3);
    for (const name of leases) expect(architecture).toContain(`| \`${name}\` |`);
  });
});
