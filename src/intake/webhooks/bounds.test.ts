import { expect, test } from "bun:test";
import { excessOf } from "./bounds.ts";

const bytes = (json: string) => new TextEncoder().encode(json);
const SLICE = 131_072;

test("a text is no list, wherever a part of the body ends in it", async () => {
  const text = JSON.stringify('\\",[{'.repeat(20_000));
  for (let shift = 0; shift < 12; shift += 1) {
    const before = " ".repeat(SLICE - 6 + shift);
    expect(await excessOf(bytes(`${before}[${text},"ends in a backslash: \\\\"]`))).toBe(undefined);
    const list = `[${Array(20_001).fill(text.slice(0, 15).concat('"')).join()}]`;
    expect(await excessOf(bytes(`${before}${list}`))).toMatch(/more than 20000 parts/);
  }
});

test("a list is counted by itself, and not with what it stands in", async () => {
  const lists = Array(200).fill(Array(999).fill('"an id of some letters"'));
  expect(await excessOf(bytes(`[${lists.map((list) => `[${list}]`)}]`))).toBe(undefined);
  const longest = Array(20_000).fill('"an id of some letters"');
  expect(await excessOf(bytes(`{"a":[${longest}],"b":[${longest}]}`))).toBe(undefined);
  expect(await excessOf(bytes(`{"a":[${longest},1]}`))).toMatch(/more than 20000 parts/);
});

test("values that stand as close as in nothing of Vivenu's are too many, and so are levels", async () => {
  const dense = `[${Array(1_000).fill(`[${Array(100).fill("{}")}]`)}]`;
  expect(await excessOf(bytes(dense))).toMatch(/more than 50000 commas and brackets/);
  const few = `[${Array(240).fill(`[${Array(100).fill("{}")}]`)}]`;
  expect(await excessOf(bytes(few))).toBe(undefined);
  expect(await excessOf(bytes("[".repeat(400_000)))).toMatch(/deeper than 200/);
});

test("what is no JSON is left to the parser", async () => {
  for (const broken of [
    "]".repeat(100_000),
    '"'.repeat(100_001),
    "\\".repeat(100_000),
    "é".repeat(90_000),
  ])
    expect(await excessOf(bytes(broken))).toBe(undefined);
});
