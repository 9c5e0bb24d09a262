import { afterAll, beforeAll, expect, test } from "bun:test";
import type { SheetsFaultSettings } from "../../../sandbox/sheets/faults.ts";
import { raiseStage, type Stage, until } from "../../../test/support/stage.ts";

const COPY = "the-copy";
let stage: Stage;
let service: Awaited<ReturnType<Stage["start"]>>;
beforeAll(async () => {
  stage = await raiseStage({
    season: "small",
    copies: [COPY],
    settings: {
      ...{ SHEET_COPIES: JSON.stringify([{ id: COPY, tabs: ["events"] }]), SHEET_GATHER: "0" },
      ...{ SHEET_HEAL_INTERVAL: "10", SHEET_REQUESTS_PER_MINUTE: "300" },
    },
  });
  service = await stage.start();
  await until(async () => (await shows(COPY, "HYROX")) && (await shows(first(), "HYROX")), {
    ...{ withinMs: 60_000, what: "both are filled" },
  });
  await said(/./, false);
});
afterAll(async () => {
  await service.stop();
  await stage[Symbol.asyncDispose]();
});

const first = () => stage.outside.environment.GOOGLE_SHEET_ID ?? "";

/** What is said of the sheets in `/status`, when some of it is of this form or none is any more. */
async function said(form: RegExp, isSaid = true) {
  const read = async () => {
    const { problems } = await stage.readJson<{ problems: string[] }>("/status");
    const ofSheets = problems.filter((one) => one.includes("the sheet"));
    return ofSheets.some((one) => form.test(one)) === isSaid ? { ofSheets } : undefined;
  };
  const what = `${form} ${isSaid ? "is said" : "is over"}`;
  return (await until(read, { withinMs: 60_000, what })).ofSheets;
}

/** Which page shows an events' tab, by its spreadsheet: to find it, another page is made. */
const eventsTabs = new Map<string, string>();

async function eventsTab(address: string) {
  const known = eventsTabs.get(address);
  if (known) return known;
  const gid = /gid=(\d+)[^>]*>Events</.exec(await (await fetch(address)).text())?.[1];
  if (gid) eventsTabs.set(address, gid);
  return gid;
}

/** By the page, which no fault of the API strikes. */
async function shows(id: string, text: string) {
  const address = `${stage.outside.sheets.url}/sheets?id=${id}`;
  const gid = await eventsTab(address);
  if (!gid) return false;
  return (await (await fetch(`${address}&gid=${gid}`)).text()).includes(text);
}

async function rename(name: string) {
  const { vivenu } = stage;
  const { events } = (await (await fetch(`${vivenu.url}/sandbox/events`)).json()) as {
    events: { id: string }[];
  };
  const body = JSON.stringify({ name });
  const headers = { "content-type": "application/json" };
  await fetch(`${vivenu.url}/sandbox/events/${events[0]?.id}`, { method: "PATCH", body, headers });
}

/** What happens to one spreadsheet, and what Google says of it then. */
const happenings: [string, "the first" | "the copy", object, RegExp][] = [
  [
    "is no longer shared with us",
    "the copy",
    { status: 403 },
    /answered with 403: .*is the spreadsheet shared/,
  ],
  [
    "may only be looked at",
    "the first",
    { status: 403, on: "write" },
    /write was answered with 403: /,
  ],
  [
    "is deleted",
    "the copy",
    { status: 404 },
    /answered with 404: .*is there a spreadsheet with this id/,
  ],
  ["is beyond its quota", "the first", { status: 429 }, /answered with 429: Quota exceeded/],
  ["does not answer", "the copy", { status: "reset" }, /got no answer: /],
];

test.each(happenings)(
  "a spreadsheet that %s is named with its cause while it is so, and the other one is kept up to date",
  async (what, which, fault, cause) => {
    const [struck, other] = which === "the copy" ? [COPY, first()] : [first(), COPY];
    // The cast: it is one of those above.
    const failBefore = { ...fault, spreadsheet: struck } as SheetsFaultSettings["failBefore"] &
      object;
    stage.outside.sheets.faults.set({ failBefore });
    const name = `HYROX where ${which} ${what}`;
    await rename(name);
    await until(() => shows(other, name), { withinMs: 60_000, what: "the other one has it" });
    const named = which === "the copy" ? "copy 1 of the sheet: " : "the sheet: ";
    expect(await said(cause)).toEqual([expect.stringMatching(new RegExp(`^${named}`))]);
    expect(await shows(struck, name)).toBe(false);
    stage.outside.sheets.faults.clear();
    await until(() => shows(struck, name), { withinMs: 60_000, what: `${which} has it too` });
    await said(/./, false);
  },
  240_000,
);

test("a tab that cannot be written because another one has its title is named until it can", async () => {
  const { url } = stage.outside.sheets;
  const edit = async (...requests: object[]) => {
    const body = JSON.stringify({ requests });
    const answer = await fetch(`${url}/sandbox/person?id=${first()}`, { method: "POST", body });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const page = await (await fetch(`${url}/sheets?id=${first()}`)).text();
  const numberOf = (title: string) =>
    Number(new RegExp(`gid=(\\d+)[^>]*>${title}<`).exec(page)?.[1]);
  const overview = numberOf("Overview");
  const rename = (title: string) => ({
    updateSheetProperties: { properties: { sheetId: overview, title }, fields: "title" },
  });
  await edit({ deleteSheet: { sheetId: numberOf("Undershops") } }, rename("Undershops"));
  expect(await said(/^tabs of the sheet: /)).toEqual([
    "tabs of the sheet: not written: Undershops; another tab has this title; SHEET_TITLES gives ours another one.",
  ]);
  await edit(rename("Overview"));
  await said(/./, false);
}, 120_000);
