import { expect, test } from "bun:test";
import { fc } from "../../../test/support/fast-check.ts";
import { rowsApart } from "./rows-apart.ts";

/** Texts in which quotes, escapes, brackets and letters of several bytes meet. */
const texts = fc.string({
  unit: fc.constantFrom('"', "\\", "[", "]", "{", "}", ",", ":", "rowData", "→", "🏃", "a"),
  maxLength: 6,
});
const values: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    texts,
    fc.integer(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(texts, tie("value"), { maxKeys: 3 }),
  ),
})).value;
const rows = fc.array(fc.dictionary(texts, values, { maxKeys: 3 }), { maxLength: 4 });
const spreadsheets = fc.record({
  title: texts,
  sheets: fc.array(
    fc.record({ title: texts, rowData: fc.option(rows, { nil: undefined }), after: texts }),
    { maxLength: 3 },
  ),
});

/** What came of it when it came in parts of these sizes, again and again. */
function takenApart(json: string, sizes: readonly number[]) {
  const found: unknown[][] = [];
  const apart = rowsApart((list, row) => {
    found[list] ??= [];
    found[list].push(row);
  });
  const bytes = Buffer.from(json);
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    apart.write(bytes.subarray(at, at + size));
    at += size;
  }
  return { rest: apart.end(), found };
}

test("an answer that is taken apart is what it would be at once, however it comes and is written", () => {
  fc.assert(
    fc.property(
      spreadsheets,
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(undefined, 2),
      (spreadsheet, sizes, indent) => {
        const json = JSON.stringify(spreadsheet, null, indent);
        const whole = JSON.parse(json) as typeof spreadsheet;
        const { rest, found } = takenApart(json, sizes);
        const lists = whole.sheets.flatMap(({ rowData }) => (rowData ? [rowData] : []));
        expect(lists.map((_, list) => found[list] ?? [])).toEqual(lists);
        for (const list of lists) list.length = 0;
        expect(rest).toEqual(whole);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  '{"sheets": [{"rowData": [{"values": []}, {"val',
  '{"sheets": [{"rowData": [{"values": []}]',
  '{"sheets": [{"rowData": [{"values": }]}]}',
  "",
])("%j, which ends too early or is none, is no answer", (json) => {
  expect(() => takenApart(json, [7])).toThrow(SyntaxError);
});
