import { expect, test } from "bun:test";
import { historyOf } from "./policies.ts";

test.each([
  ["https://vivenu.com", "stored"],
  ["https://vivenu.dev", "stored"],
  ["https://localhost.example.com", "stored"],
  ["https://127.example.com", "stored"],
  ["http://127.0.0.1:18801", "played"],
  ["http://localhost:18801", "played"],
  ["http://vivenu.localhost", "played"],
  ["http://[::1]:18801", "played"],
] as const)("sales of %s are %s: only the played Vivenu answers on this machine", (baseUrl, of) => {
  // The cast: nothing else of the configuration is looked at.
  expect(historyOf({ vivenu: { baseUrl } } as Parameters<typeof historyOf>[0])).toBe(of);
});
