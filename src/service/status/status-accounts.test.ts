import { expect, test } from "bun:test";
import { budgetNotes, doorNotes, doorProblems, pollNotes } from "./status-accounts.ts";

const door = (lastHour: Record<string, number>) => ({
  region: "DACH",
  webhooks: { lastHour, lastDay: {} },
});
const textOf = ({ text }: { text: string }) => text;

test("an account none of whose webhooks is taken is a problem, with the count and the reason", () => {
  const account = door({ unsigned: 7, malformed: 1 });
  expect(doorProblems(account).map(textOf)).toEqual([
    "DACH: none of its webhooks was taken in the last hour, and 8 were refused at the door: 7 whose signature does not fit (401): a stranger's, or the listener's key is not DACH_WEBHOOK_SECRET; 1 that are no webhook of Vivenu's (400). `webhooks list` compares its listener.",
  ]);
  expect(doorNotes(account)).toEqual([]);
});

test("one is one", () => {
  const said = doorNotes(door({ unsigned: 1, accepted: 4 })).map(textOf);
  expect(said[0]).toStartWith("DACH: 1 delivery was refused at the door in the last hour: 1 ");
});

test("since when none is taken is said where it is known", () => {
  const since = new Date("2026-11-29T09:40:00Z");
  expect(doorProblems(door({ unsigned: 7 }), since).map(textOf)).toEqual([
    expect.stringContaining(
      "and 7 were refused at the door since 2026-11-29T09:40:00.000Z: 7 whose",
    ),
  ]);
});

test("what is refused while webhooks are taken is noted, and is no problem", () => {
  const account = door({ unsigned: 40, accepted: 1 });
  expect(doorProblems(account)).toEqual([]);
  expect(doorNotes(account).map(textOf)).toEqual([
    "DACH: 40 deliveries were refused at the door in the last hour: 40 whose signature does not fit (401): a stranger's, or the listener's key is not DACH_WEBHOOK_SECRET.",
  ]);
});

test("a stranger or two are a note, and what Vivenu sends again is none of it", () => {
  expect(doorProblems(door({ unsigned: 1 }))).toEqual([]);
  expect(doorNotes(door({ unsigned: 1 }))[0]?.text).toStartWith("DACH: 1 delivery was refused");
  const later = door({ unavailable: 9, busy: 3, slow: 2, broken_off: 4, repeated: 1 });
  expect([...doorProblems(later), ...doorNotes(later)]).toEqual([]);
});

test("what a complete poll notes of its account is a note, and what an incomplete one lacks is a problem alone", () => {
  const failures = [
    { eventId: null, kind: "refused", reason: "the key of DACH may not read a ticket by itself" },
    { eventId: "e1", kind: "malformed", reason: "an event of the list cannot be read" },
  ];
  const account = { region: "DACH", lastPollComplete: true, failures };
  expect(pollNotes(account).map(textOf)).toEqual([
    "DACH: the key of DACH may not read a ticket by itself.",
  ]);
  for (const lastPollComplete of [false, null])
    expect(pollNotes({ ...account, lastPollComplete })).toEqual([]);
});

test("an account whose budget of requests is spent is noted, for its counts wait without a failure", () => {
  const requests = new Map([
    ["DACH", { requests: 900, isLeftForPolls: false }],
    ["FRANCE", { requests: 540, isLeftForPolls: false }],
    ["USA", { requests: 539, isLeftForPolls: true }],
  ]);
  const regions = ["DACH", "FRANCE", "ITALY", "USA"];
  expect(budgetNotes({ regions, perHour: 900, requests })).toEqual([
    {
      account: "DACH",
      text: "DACH: its budget of requests to Vivenu is spent (900 of 900 in the last hour, VIVENU_REQUESTS_PER_HOUR): polls and counts wait for it, and come late.",
    },
    {
      account: "FRANCE",
      text: "FRANCE: what daily polls may take of its budget of requests to Vivenu is spent (540 of 900 in the last hour, VIVENU_REQUESTS_PER_HOUR), and the rest is kept for launches and recounts: a poll waits, and comes late.",
    },
  ]);
});
