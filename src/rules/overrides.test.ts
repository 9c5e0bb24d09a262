import { expect, test } from "bun:test";
import { classify } from "./classify.ts";
import { parseOverrides } from "./overrides.ts";

const type = {
  ticketTypeId: "t1",
  name: "HYROX MEN | Saturday",
  priceMinor: 9_900,
  autoAdded: true,
  ignoreForMaxAmounts: true,
  conditionalAvailability: true,
  hiddenInSelectionArea: true,
};

test("the operator's word stands above structure and name", () => {
  expect(classify([type]).get("t1")).toBe("secondary");
  expect(classify([type], parseOverrides(" t1 = Race , t2=addon,")).get("t1")).toBe("race");
});

test("no word is no override", () => {
  expect(parseOverrides("")).toEqual({});
});

test("a part that says nothing is named, and so are the classes there are", () => {
  expect(() => parseOverrides("t1=race,t2,=race,t3=racer,t4=race=addon")).toThrow(
    /"t2", "=race", "t3=racer", "t4=race=addon".*race, charity/,
  );
});
