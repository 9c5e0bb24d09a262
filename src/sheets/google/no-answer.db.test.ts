import { describe, expect, test } from "bun:test";
import { createKey } from "../../../sandbox/sheets/account.ts";
import { answering, failureOf, noAnswers } from "../../../test/support/no-answers.ts";
import { event, scene, spreadsheetId } from "../../../test/support/sheet.ts";
import { googleSpreadsheet } from "./google.ts";

const privateKey = await createKey();
const clientOf = (baseUrl: string) =>
  googleSpreadsheet({
    ...{ spreadsheetId, privateKey, baseUrl, serviceAccountEmail: "mirror@played.example.com" },
    timeoutMs: 2_000,
  });

const token = { access_token: "ya29.a.b", expires_in: 3_599, token_type: "Bearer" };
const title = {
  updateSheetProperties: { properties: { sheetId: 1, title: "A" }, fields: "title" },
};
const calls: Record<string, (url: string) => Promise<unknown>> = {
  "what is in the sheet": (url) => clientOf(url).read([{ title: "Events" }]),
  "that cells were written": (url) => clientOf(url).write([title]),
  "that cells were written, and what is there now": (url) =>
    clientOf(url).write([title], ["Events"]),
};

describe.each(Object.keys(calls))("%s", (name) => {
  test.each(Object.keys(noAnswers))("is not what %s says", async (kind) => {
    await using server = await answering(noAnswers[kind] ?? (() => {}), { "/token": token });
    const failure = await failureOf(calls[name]?.(server.url) ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "unavailable" });
    expect(String(failure)).not.toContain("Sign in");
  });

  test.each(Object.keys(noAnswers))("is not asked for with a token that is %s", async (kind) => {
    await using server = await answering(noAnswers[kind] ?? (() => {}));
    const failure = await failureOf(calls[name]?.(server.url) ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "unavailable" });
    expect(server.asked).toEqual(["POST /token"]);
  });
});

const sheet = (more: string) => ({ properties: { sheetId: 7, title: more, gridProperties: {} } });

test.each<[string, Record<string, unknown>]>([
  ["of another spreadsheet", { spreadsheetId: "another", replies: [{}] }],
  ["with more replies than requests", { spreadsheetId, replies: [{}, {}] }],
  ["with replies that are none", { spreadsheetId, replies: "done" }],
  [
    "without the tab that was to be read back",
    {
      spreadsheetId,
      replies: [{}],
      updatedSpreadsheet: { spreadsheetId, sheets: [sheet("Another")] },
    },
  ],
])("an answer %s is none", async (_, body) => {
  await using server = await answering(() => {}, {
    "/token": token,
    [`/v4/spreadsheets/${spreadsheetId}:batchUpdate`]: body,
  });
  expect(await failureOf(clientOf(server.url).write([title], ["Events"]))).toMatchObject({
    kind: "unavailable",
  });
});

test("a sheet behind a sign-in page is written when the page is gone, and not said to be before", async () => {
  await using it = await scene();
  it.rows.events = [event()];
  it.played.faults.set({ html: { on: "write", next: 1 } });
  expect(await failureOf(it.mirror.sync())).toMatchObject({ kind: "unavailable" });
  expect(it.mirror.state.cellsWritten).toBe(0);
  expect(await it.show("Events!A2").catch(() => [])).toEqual([]);
  await it.mirror.sync();
  expect(it.mirror.state.cellsWritten).toBeGreaterThan(0);
});
