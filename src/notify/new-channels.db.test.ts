import { beforeEach, expect, test } from "bun:test";
import { HOUR, MINUTE } from "../../test/support/intake.ts";
import {
  type NoticeStage,
  noticeStage,
  receiver,
  START,
  titles,
} from "../../test/support/notices.ts";
import type { LaunchRow } from "../projections/queries/row-types.ts";
import { noteChannels } from "./outbox/known-channels.ts";
import type { ChannelSettings, Rule } from "./settings.ts";
import { noticeLook } from "./watch/look.ts";

let stage: NoticeStage;

beforeEach(async () => {
  stage = await noticeStage();
});

const after = (minutes: number) => new Date(START.getTime() + minutes * MINUTE).toISOString();

const opening = (city: string, minute: number) =>
  ({
    ...{ eventId: city, eventName: `HYROX ${city}`, region: "DACH", timezone: null },
    ...{ status: "ON_SALE", moves: [], salesLaunchDate: after(minute) },
    // The cast: the look reads these of a row and nothing else.
  }) as unknown as LaunchRow;

const channel = (name: string): ChannelSettings => ({
  ...{ type: "slack", name, url: { reveal: () => "http://127.0.0.1:1/" } },
});

/** A process begins with these channels. */
const start = (...channels: ChannelSettings[]) =>
  stage.sql.begin((tx) => noteChannels(tx, channels, stage.clock.now()));

interface Told {
  opened?: LaunchRow[];
  refused?: string[];
  rules?: Rule[];
}

/** What each of the channels is told of these openings and refused keys, that it was not told before. */
async function told(
  channels: string[],
  { opened = [], refused = [], rules = [{ to: channels }] }: Told,
) {
  const look = noticeLook({
    ...stage.common({
      channels: channels.map(channel),
      rules,
    }),
    reads: {
      opened: async () => opened,
      nextLaunch: async () => null,
      gone: async () => [],
      events: async () => [],
      someOnSale: async () => [],
      lists: async () => [],
      refusedKeys: async () => refused,
      lastReadings: async () => [],
      forecasts: async () => new Map(),
    },
  });
  await look();
  const found: Record<string, string[]> = {};
  for (const name of channels) {
    const got = receiver();
    await stage.relay(name, got);
    found[name] = titles(got);
  }
  return found;
}

const races = channel("races");
const ops = channel("ops");

test("a channel that is new is told what happens from then on, and what is wrong with an account since before", async () => {
  await start(races);
  await stage.feed();
  stage.clock.forward(HOUR);
  const [berlin, paris] = [opening("Berlin", 1), opening("Paris", 70)];
  const refused = ["DACH"];
  const isRefused = "Vivenu refuses the account's key: DACH";
  expect(await told(["races"], { opened: [berlin], refused })).toEqual({
    races: ["Sales opened: HYROX Berlin (DACH)", isRefused],
  });
  await start(races, ops);
  expect(await told(["races", "ops"], { opened: [berlin], refused })).toEqual({
    ...{ races: [], ops: [isRefused] },
  });
  stage.clock.forward(HOUR);
  // Another process takes over, and is of the same settings.
  await start(races, ops);
  const isOpen = ["Sales opened: HYROX Paris (DACH)"];
  expect(await told(["races", "ops"], { opened: [berlin, paris] })).toEqual({
    ...{ races: isOpen, ops: isOpen },
  });
});

test("a change of before a channel was named is not told there, though it is found later", async () => {
  await start(races);
  await stage.feed();
  await stage.log(stage.described(9_900));
  await stage.feed();
  await stage.log(stage.described(10_900));
  await start(races, ops);
  await stage.feed();
  await stage.log(stage.described(11_900));
  await stage.feed();
  const [first, second] = [receiver(), receiver()];
  for (let n = 0; n < 3; n += 1) {
    await stage.relay("races", first);
    await stage.relay("ops", second);
  }
  expect(titles(first)).toHaveLength(2);
  expect(titles(second)).toHaveLength(1);
  expect(second.got[0]?.message.lines).toEqual(["HYROX MEN | Saturday: 109.00 EUR → 119.00 EUR"]);
});

test("a rule that is new tells what happens from then on, and what is wrong with an account since before", async () => {
  await start(races, ops);
  await stage.feed();
  stage.clock.forward(HOUR);
  const given = { opened: [opening("Berlin", 1)], refused: ["DACH"] };
  const rules = [{ to: ["races"] }];
  expect((await told(["races", "ops"], { ...given, rules })).ops).toEqual([]);
  expect(await told(["races", "ops"], given)).toEqual({
    ...{ races: [], ops: ["Vivenu refuses the account's key: DACH"] },
  });
  stage.clock.forward(HOUR);
  const isOpen = ["Sales opened: HYROX Paris (DACH)"];
  expect(await told(["races", "ops"], { opened: [opening("Paris", 70)] })).toEqual({
    ...{ races: isOpen, ops: isOpen },
  });
});

test("those that are named when it is first noted which there are, are as old as the wish to be told", async () => {
  await stage.feed();
  stage.clock.forward(HOUR);
  await start(races, ops);
  const isOpen = ["Sales opened: HYROX Berlin (DACH)"];
  expect(await told(["races", "ops"], { opened: [opening("Berlin", 1)] })).toEqual({
    ...{ races: isOpen, ops: isOpen },
  });
});

test("one that is named again after it was not is new, also where all others are", async () => {
  await start(races, ops);
  await stage.feed();
  stage.clock.forward(HOUR);
  await start(ops);
  await start(races);
  const opened = [opening("Berlin", 1)];
  expect(await told(["races"], { opened })).toEqual({ races: [] });
});

test("an e-mail's receiver is none the newer for others that come to it", async () => {
  const email = (name: string, formerly: string): ChannelSettings => ({
    ...{ type: "email", name, formerly, to: [`${name.replace("/", ".")}@example.org`] },
  });
  await start(races, email("office", "office/one"));
  await stage.feed();
  stage.clock.forward(HOUR);
  await start(races, email("office/one", "office"), email("office/two", "office"));
  const opened = [opening("Berlin", 1)];
  expect(await told(["races", "office/one"], { opened })).toMatchObject({
    "office/one": ["Sales opened: HYROX Berlin (DACH)"],
  });
});

test("a clock that was set back hides nothing from a channel", async () => {
  await start(races);
  await stage.feed();
  stage.clock.forward(24 * HOUR);
  await start(races, ops);
  stage.clock.forward(-23 * HOUR);
  expect(await told(["ops"], { opened: [opening("Berlin", 30)] })).toEqual({
    ops: ["Sales opened: HYROX Berlin (DACH)"],
  });
});
