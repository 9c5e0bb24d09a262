import { expect, test } from "bun:test";
import vector from "../../test/fixtures/vivenu/signature.json";
import { sign, verify } from "./signature.ts";

const bytes = new TextEncoder().encode(vector.body);

test("a delivery signed by Vivenu is accepted", () => {
  expect(bytes).toHaveLength(258);
  expect(verify(bytes, vector.signature, vector.key)).toBe(true);
  expect(sign(bytes, vector.key)).toBe(vector.signature);
});

test("a delivery is refused when its body, its key or its signature is another", () => {
  const changed = bytes.slice();
  changed[10] = 0;
  expect(verify(changed, vector.signature, vector.key)).toBe(false);
  expect(verify(bytes, vector.signature, "another-key")).toBe(false);
  expect(verify(bytes, sign(bytes, "another-key"), vector.key)).toBe(false);
});

test("a signature is accepted in one form only", () => {
  const { signature, key } = vector;
  const forms = [
    null,
    undefined,
    "",
    signature.toUpperCase(),
    `sha256=${signature}`,
    ` ${signature}`,
    `${signature}\n`,
    signature.slice(1),
    `${signature}0`,
    Buffer.from(signature, "hex").toString("base64"),
    "é".repeat(32),
  ];
  for (const form of forms) expect(verify(bytes, form, key)).toBe(false);
});

test("nothing is accepted where no key is set", () => {
  expect(verify(bytes, sign(bytes, ""), "")).toBe(false);
});
