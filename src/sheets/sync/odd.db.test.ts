import { expect, test } from "bun:test";
import {
  event,
  idOf,
  scene,
  serviceAccountEmail,
  ticketType,
} from "../../../test/support/sheet.ts";
import { googleSpreadsheet } from "../google/google.ts";
import type { Found } from "../google/spreadsheet.ts";

const names = {
  "an emoji of several parts": "HYROX 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "a name from right to left": "היירוקס תל אביב ‏العربية",
  "60,000 characters": "x".repeat(60_000),
  "a character on the border of what has room": `${"x".repeat(49_999)}😀y`,
  "half a character": "a\ud83db\udc4dc",
  "characters that no cell has": "a\u0000b\u0007c\u000bd\ufffee",
  "lines and tabs": "a\r\nb\rc\n\td",
  nothing: "",
};

const kept: Partial<Record<keyof typeof names, string | null>> = {
  "60,000 characters": "x".repeat(50_000),
  "a character on the border of what has room": "x".repeat(49_999),
  "half a character": "a\ufffdb\ufffdc",
  "characters that no cell has": "abcde",
  "lines and tabs": "a\nb\nc\n\td",
  nothing: null,
};

test("odd names are cells as far as a cell has room for them, and are not written twice", async () => {
  await using it = await scene();
  it.rows.events = Object.values(names).map((eventName, index) =>
    event({ eventId: idOf(index), eventName }),
  );
  await it.mirror.sync();
  const [tab] = (await it.client().read([{ title: "Events" }])).tabs;
  const found = tab?.rows.slice(1).map((row) => row[2]?.value ?? null);
  const wanted = Object.entries({ ...names, ...kept }).map(([, name]) => name);
  expect(found).toEqual(wanted);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("two mirrors that find the same new events at once leave one row of each", async () => {
  await using it = await scene();
  await it.mirror.sync();
  it.rows.events = [event(), event({ eventId: idOf(1) }), event({ eventId: idOf(2) })];
  it.rows.ticketTypes = [ticketType(), ticketType({ ticketTypeId: idOf(101) })];
  const google = it.client();
  let isQuicker = true;
  const slower = it.mirrorOnto({
    ...google,
    async write(requests, readBack) {
      if (isQuicker) await it.mirror.sync();
      isQuicker = false;
      return google.write(requests, readBack);
    },
  });
  await slower.sync();
  const ids = async (range: string) => (await it.show(range)).flat().filter(Boolean);
  expect(await ids("Events!A2:A20")).toEqual([idOf(0), idOf(1), idOf(2)]);
  expect(await ids("'Ticket Types'!D2:D20")).toEqual([idOf(100), idOf(101)]);
  for (const mirror of [slower, it.mirror])
    expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("two mirrors that fill an empty spreadsheet at once leave one tab of each", async () => {
  await using it = await scene();
  const google = it.client();
  let isQuicker = true;
  const slower = it.mirrorOnto({
    ...google,
    async write(requests, readBack) {
      if (isQuicker) await it.mirror.sync();
      isQuicker = false;
      return google.write(requests, readBack);
    },
  });
  await slower.sync();
  expect(await it.show("Events!A1:A9")).toEqual([["Event ID"], [idOf(0)]]);
  expect(await it.show("'Ticket Types'!D1:D9")).toEqual([["Ticket Type ID"], [idOf(100)]]);
});

test("what the owner keeps from us stays as it is, is told in Google's words, and stops no other tab", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const range = { sheetId: await it.sheetId("Events"), startColumnIndex: 7, endColumnIndex: 8 };
  const editors = { users: ["owner@played.example.com"] };
  await it.edit({ addProtectedRange: { protectedRange: { range, editors } } });
  it.rows.events = [event({ totalSold: 101 })];
  it.rows.ticketTypes = [ticketType({ sold: 101 })];
  await expect(it.mirror.sync()).rejects.toThrow("trying to edit a protected cell");
  expect(it.mirror.state.lastFailure?.kind).toBe("refused");
  expect(await it.show("Events!H2")).toEqual([["100"]]);
  expect(await it.show("'Ticket Types'!I2")).toEqual([["101"]]);
});

test("a spreadsheet that is not shared, or not there, is told in words that help", async () => {
  await using it = await scene();
  it.played.faults.set({ failBefore: { on: "read", status: 403 } });
  await expect(it.mirror.sync()).rejects.toThrow(
    "is the spreadsheet shared with the service account",
  );
  expect(it.mirror.state.lastFailure).toMatchObject({ kind: "refused" });
  it.played.faults.clear();
  const { privateKey, url: baseUrl } = it.played;
  const another = { spreadsheetId: "another", serviceAccountEmail, privateKey, baseUrl };
  const spreadsheet = googleSpreadsheet({ ...another, timeoutMs: 10_000 });
  await expect(spreadsheet.read([])).rejects.toThrow("is there a spreadsheet with this id?");
});

test("what reads back differently from how it was written is sent once a sync", async () => {
  await using it = await scene();
  const google = it.client();
  let sent = 0;
  /** A number that Google would keep less exactly than it was written. */
  const blurred = ({ tabs, takenIds }: Found): Found => ({
    takenIds,
    tabs: tabs.map((tab) => ({
      ...tab,
      rows: tab.rows.map((row) =>
        row.map((cell) => (cell.value === 100 ? { ...cell, value: 99 } : cell)),
      ),
    })),
  });
  const mirror = it.mirrorOnto({
    ...google,
    read: async (titles) => blurred(await google.read(titles)),
    async write(requests, titles) {
      sent += 1;
      return blurred(await google.write(requests, titles));
    },
  });
  await mirror.sync();
  sent = 0;
  await mirror.sync();
  expect(sent).toBe(1);
});
