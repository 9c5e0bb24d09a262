import { expect, test } from "bun:test";
import { catalogue as flowcore } from "../datacore/fault-catalogue.ts";
import { catalogue as sheets } from "../sheets/faults.ts";
import { catalogue as vivenu } from "../vivenu/fault-catalogue.ts";
import { type Catalogue, faultBoard } from "./board.ts";

const systems: Record<string, Catalogue> = {
  Flowcore: flowcore,
  Vivenu: vivenu,
  "Google Sheets": sheets,
};

test("docs/sandbox.md has every fault, with an example that is accepted", async () => {
  const text = await Bun.file(new URL("../../docs/sandbox.md", import.meta.url)).text();
  const chapters = text.split(/^### /m).slice(1);
  expect(chapters.map((chapter) => chapter.split("\n", 1)[0] ?? "")).toEqual(Object.keys(systems));
  for (const [place, catalogue] of Object.values(systems).entries()) {
    const rows = [...(chapters[place] ?? "").matchAll(/^\| `(\w+)` \| `(\{.*?\})` \|/gm)];
    const names = rows.map(([, name = ""]) => name);
    expect(names.toSorted()).toEqual(Object.keys(catalogue).toSorted());
    for (const [, name = "", example = ""] of rows)
      faultBoard(catalogue, { [name]: JSON.parse(example) });
  }
});
