import { expect, test } from "bun:test";
import { playedDatacore, readManifest } from "../../test/support/played-datacore.ts";
import { readDrift } from "./inspect.ts";

test("what the data core lacks, has besides, or describes otherwise than the manifest is named", async () => {
  await using datacore = await playedDatacore();
  const manifest = await readManifest();
  expect(await readDrift(datacore.to, manifest)).toEqual({
    ...{ missing: [], undeclared: [], differing: [] },
  });
  const { "vivenu.event.0": events, ...others } = manifest.dataCore.flowTypes;
  const { "event.deleted.0": _, ...eventTypes } = events?.eventTypes ?? {};
  const flowTypes = {
    ...others,
    "vivenu.event.0": {
      description: "said otherwise",
      eventTypes: {
        ...eventTypes,
        "event.updated.0": { description: "this as well" },
        "event.new.0": { description: "" },
      },
    },
    "vivenu.other.0": { description: "", eventTypes: { "one.0": { description: "" } } },
  };
  const declared = { dataCore: { ...manifest.dataCore, flowTypes } };
  expect(await readDrift(datacore.to, declared)).toEqual({
    missing: ["vivenu.other.0", "vivenu.event.0/event.new.0", "vivenu.other.0/one.0"],
    undeclared: ["vivenu.event.0/event.deleted.0"],
    differing: ["vivenu.event.0", "vivenu.event.0/event.updated.0"],
  });
});
