import { expect, test } from "bun:test";
import { sign } from "../../vivenu/signature.ts";
import { readBody } from "./body.ts";
import { createRoom } from "./room.ts";

const KEY = "a-key";
const MAX_BYTES = 1_000;

function read(text: string, { parts = 1, says = true, roomBytes = 1_000_000 } = {}) {
  const bytes = Buffer.from(text);
  const each = Math.ceil(bytes.length / parts);
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += each)
        controller.enqueue(bytes.subarray(at, at + each));
      controller.close();
    },
  });
  const headers = says ? { "content-length": String(bytes.length) } : undefined;
  const request = new Request("http://localhost", {
    method: "POST",
    body,
    ...(headers && { headers }),
  });
  const room = createRoom(roomBytes);
  const { signal } = new AbortController();
  return readBody(request, { keys: [KEY], maxBytes: MAX_BYTES, room, signal });
}

test.each([
  ["in one part", 1, true],
  ["in many", 100, true],
  ["in many of which nobody said how many", 100, false],
])("a body that comes %s is read whole, and its signature fits", async (_, parts, says) => {
  const text = "0123456789".repeat(100);
  const body = await read(text, { parts, says });
  expect([body.state, Buffer.from(body.bytes()).toString()]).toEqual(["whole", text]);
  expect(body.hash.fitting(sign(Buffer.from(text), KEY))).toEqual([KEY]);
  body.close();
});

test.each<[string, number, "whole" | "too_large"]>([
  ["as large as one may be", MAX_BYTES, "whole"],
  ["larger by one byte", MAX_BYTES + 1, "too_large"],
  ["far larger", 10 * MAX_BYTES, "too_large"],
])(
  "a body that is %s (%p bytes) is %s, whether or not it says how large it is",
  async (_, size, state) => {
    for (const says of [true, false])
      expect((await read("x".repeat(size), { parts: 3, says })).state).toBe(state);
  },
);

test("of a body that is too large the signature is known all the same", async () => {
  const text = "x".repeat(2 * MAX_BYTES);
  const body = await read(text, { parts: 4 });
  expect([body.state, body.bytes().length]).toEqual(["too_large", 0]);
  expect(body.hash.fitting(sign(Buffer.from(text), KEY))).toEqual([KEY]);
});

test("a body for which there is no room is not read, and gives back no room that it never had", async () => {
  const room = createRoom(100_000);
  const other = room.open(100_000, () => {});
  const request = new Request("http://localhost", { method: "POST", body: "x" });
  const { signal } = new AbortController();
  other?.pin();
  const body = await readBody(request, { keys: [KEY], maxBytes: MAX_BYTES, room, signal });
  expect(body.state).toBe("busy");
  expect(request.body?.locked).toBe(false);
  body.close();
  expect(other?.resize(100_000)).toBe(true);
});
