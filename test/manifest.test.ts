import { expect, test } from "bun:test";
import { YAML } from "bun";
import { devVariables } from "../src/commands/dev-settings.ts";
import { HYROX_REGIONS, regionVariables, variables } from "../src/config.ts";
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
