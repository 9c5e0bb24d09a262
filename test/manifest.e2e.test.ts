import { describe, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YAML } from "bun";
import biome from "../biome.json" with { type: "json" };
import manifest from "../package.json" with { type: "json" };
import { createProgram } from "../src/commands/program/program.ts";
import { devVariables } from "../src/commands/run/dev-settings.ts";
import { HYROX_REGIONS, regionVariables } from "../src/config/accounts.ts";
import { variables } from "../src/config/config.ts";
import { contracts } from "../src/contracts/index.ts";
import { Manifest } from "../src/datacore/provision.ts";

test("flowcore.yaml declares exactly the contracts", async () => {
  const { dataCore } = Manifest.parse(YAML.parse(await Bun.file("flowcore.yaml").text()));
  const declared = Object.entries(dataCore.flowTypes).flatMap(([flowType, { eventTypes }]) =>
    Object.keys(eventTypes).map((eventType) => `${flowType}/${eventType}`),
  );
  const known = Object.values(contracts).map((c) => `${c.flowType}/${c.eventType}`);
  expect(declared.sort()).toEqual(known.sort());
});

test("env.example names exactly the variables that are read", async () => {
  const text = await Bun.file("env.example").text();
  const named = [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(
    [...variables, ...regionVariables(HYROX_REGIONS), ...devVariables].sort(),
  );
});

test("docs/configuration.md is what the code says", async () => {
  const { configurationPage } = await import("../scripts/configuration.ts");
  expect(await Bun.file("docs/configuration.md").text()).toBe(configurationPage());
});

describe("package.json", () => {
  test("has a script for each command of the program, so that nobody types its path", () => {
    const { commands } = createProgram({
      ...{ env: {}, json: false, stdout: process.stdout, stderr: process.stderr },
      stopSignal: () => new AbortController().signal,
      onEnd: () => {},
    });
    // A script's output begins with npm's own lines, which no shell can read as completions.
    const named = commands
      .map((command) => command.name())
      .filter((name) => name !== "completions");
    const scripts: Record<string, string> = manifest.scripts;
    for (const name of named)
      expect(scripts[name === "serve" ? "start" : name]).toBe(
        `node scripts/run.mjs src/main.ts ${name}`,
      );
  });

  test("names the program that `npm link` puts onto the PATH, and it runs from any folder", async () => {
    const { bin, name } = manifest;
    expect(Object.keys(bin)).toEqual([name]);
    const program = join(import.meta.dir, "..", bin["vivenu-event-monitor"]);
    const child = Bun.spawn([program, "--version"], { cwd: tmpdir(), stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe(`${manifest.version}\n`);
  });
});

test(".editorconfig says of code what biome.json says", async () => {
  const sections = (await Bun.file(".editorconfig").text()).split(/^\[/m);
  const of = (name: string) => {
    const section = sections.find((one) => one.startsWith(`${name}]`)) ?? "";
    return Object.fromEntries(
      [...section.matchAll(/^(\w+) = (.+)$/gm)].map(([, key, to]) => [key, to]),
    );
  };
  const { indentStyle, indentWidth, lineWidth } = biome.formatter;
  expect(of("*")).toMatchObject({ indent_style: indentStyle, indent_size: String(indentWidth) });
  expect(of("*.{ts,mjs,js,json}")).toEqual({ max_line_length: String(lineWidth) });
});

test("CONTRIBUTING.md and README.md name no npm script that is not there", async () => {
  const scripts: string[] = Object.keys(manifest.scripts);
  for (const path of ["CONTRIBUTING.md", "README.md", "SECURITY.md", "k8s/README.md"]) {
    const named = [...(await Bun.file(path).text()).matchAll(/\bnpm run ([\w-]+)/g)];
    expect(named.flatMap(([, name = ""]) => (scripts.includes(name) ? [] : name))).toEqual([]);
  }
});
