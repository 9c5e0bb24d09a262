import { expect, test } from "bun:test";

class Count {
  readonly at: Date;
  constructor(at: Date) {
    this.at = at;
  }
}

const pairs: [string, unknown, unknown][] = [
  ["time", new Date(0), new Date(1)],
  ["map", new Map([["sold", 1]]), new Map([["sold", 2]])],
  ["set", new Set(["DACH"]), new Set(["ITALY"])],
  ["pattern", /a/, /b/],
  ["failure", new Error("a"), new Error("b")],
  ["header", new Headers({ region: "DACH" }), new Headers({ region: "ITALY" })],
  ["query", new URLSearchParams("region=DACH"), new URLSearchParams("region=ITALY")],
  ["body", new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
  ["time within a thing of ours", new Count(new Date(0)), new Count(new Date(1))],
];

test.each(pairs)("a test that wants a %s fails at another one", (_, received, wanted) => {
  expect({ rows: [{ at: received, id: 1 }] }).toMatchObject({ rows: [{ at: received }] });
  for (const other of [wanted, {}, null]) {
    expect({ at: other }).not.toMatchObject({ at: received });
    expect({ rows: [{ at: other }] }).not.toMatchObject({ rows: [{ at: received }] });
  }
});
