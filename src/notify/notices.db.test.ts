import { beforeEach, describe, expect, test } from "bun:test";
import { EVENT_ID, type eventUpdated, ticketType } from "../../test/support/facts.ts";
import { DAY, HOUR, logger, MINUTE, never } from "../../test/support/intake.ts";
import {
  type NoticeStage,
  noticeStage,
  receiver,
  START,
  settings,
  titles,
} from "../../test/support/notices.ts";
import { dropDeadLetters, listDeadLetters, releaseRefused } from "../commands/dead-letters.ts";
import { Failure } from "../lib/failure.ts";
import { createMetrics } from "../lib/metrics.ts";
import type { EventRow, LaunchRow } from "../projections/queries/row-types.ts";
import { failingLoops } from "../service/status/failing.ts";
import { measure } from "../service/status/measure.ts";
import { readNoticesByChannel } from "./outbox/dead-notices.ts";
import { outgoingOf } from "./outbox/outgoing-of.ts";
import { noticeRelay } from "./outbox/relay.ts";
import { digestLoop } from "./watch/digest-loop.ts";
import { type LookReads, noticeLook } from "./watch/look.ts";

let stage: NoticeStage;
let sql: NoticeStage["sql"];
let clock: NoticeStage["clock"];

beforeEach(async () => {
  stage = await noticeStage();
  ({ sql, clock } = stage);
});

const common: NoticeStage["common"] = (more) => stage.common(more);
const feed: NoticeStage["feed"] = (more) => stage.feed(more);
const relay: NoticeStage["relay"] = (...given) => stage.relay(...given);
const described: NoticeStage["described"] = (...given) => stage.described(...given);
const counted: NoticeStage["counted"] = (...given) => stage.counted(...given);
const log: NoticeStage["log"] = (...facts) => stage.log(...facts);

test("each channel is told of a change once, whoever looks again and whatever the log repeats", async () => {
  await log(described(9_900));
  await feed();
  await log(described(10_900));
  await feed();
  await feed();
  const [races, ops] = [receiver(), receiver()];
  for (let n = 0; n < 3; n += 1) {
    await relay("races", races);
    await relay("ops", ops);
  }
  expect(titles(races)).toEqual(["Price changed, 1 ticket type: HYROX Frankfurt (DACH)"]);
  expect(titles(ops)).toEqual(titles(races));
  expect(races.got[0]?.message.lines).toEqual(["HYROX MEN | Saturday: 99.00 EUR → 109.00 EUR"]);
  expect(races.got[0]?.id).not.toBe(ops.got[0]?.id);
  // A description in between that comes late makes two changes of one, of which one is news.
  const between = new Date(START.getTime() + MINUTE / 2);
  await log(described(9_900, between));
  await sql`update notice_place set position = 0, mark = (select mark from row_message where position = 0)`;
  await feed();
  await relay("races", races);
  expect(races.got).toHaveLength(1);
});

test("who begins to be told, a first count and a backfill tell nobody anything", async () => {
  const old = new Date(START.getTime() - HOUR);
  await log(described(9_900, old));
  await log(described(10_900));
  await feed();
  await log(counted(10));
  await log(described(11_900, clock.now(), { source: "backfill" }));
  await feed();
  expect(await sql`select from notice`).toHaveLength(0);
});

describe("places that come with a ticket type", () => {
  const men = ticketType({ priceMinor: 9_900, amount: 10 });
  const sunday = { ...men, ticketTypeId: "sunday", name: "HYROX MEN | Sunday", amount: 500 };
  const shirt = { ...sunday, ticketTypeId: "shirt", name: "Finisher Shirt", amount: 900 };
  const sellEnd = "2027-05-01T00:00:00.000Z";
  const withTypes = (ticketTypes: (typeof men)[], more: Parameters<typeof eventUpdated>[0] = {}) =>
    described(9_900, clock.now(), { sellEnd, ticketTypes, ...more });
  async function told() {
    await feed();
    const races = receiver();
    for (let n = 0; n < 5; n += 1) await relay("races", races);
    return races.got.map(({ message: { title, lines } }) => [title, ...lines]);
  }

  test("an extra race day of an event on sale is told once, and what is no race entry is not", async () => {
    await log(withTypes([men]));
    await feed();
    await log(withTypes([men, sunday, shirt]));
    expect(await told()).toEqual([
      ["Places added: HYROX Frankfurt (DACH)", "HYROX MEN | Sunday: 500, a new ticket type"],
    ]);
    await sql`update notice_place set position = 0, mark = (select mark from row_message where position = 0)`;
    expect(await told()).toEqual([]);
  });

  test("are the event's, and an amount that grows is the ticket type's", async () => {
    const rules = [
      { to: ["races"], of: ["event" as const] },
      { to: ["ops"], of: ["ticketType" as const] },
    ];
    await log(withTypes([men]));
    await feed({ rules });
    clock.forward(MINUTE);
    await log(withTypes([{ ...men, amount: 30 }, sunday]));
    await feed({ rules });
    const [races, ops] = [receiver(), receiver()];
    await relay("races", races);
    await relay("ops", ops);
    const said = ({ got }: typeof races) =>
      got.map(({ type, data, message }) => [type, Reflect.get(data, "subject"), ...message.lines]);
    expect(said(races)).toEqual([
      ["notice.placesAdded", "event", "HYROX MEN | Sunday: 500, a new ticket type"],
    ]);
    expect(said(ops)).toEqual([
      ["notice.placesAdded", "ticketType", "HYROX MEN | Saturday: 10 → 30"],
    ]);
  });

  test.each([
    ["before the launch", { sellStart: "2027-01-01T00:00:00.000Z" }],
    ["by a backfill", { source: "backfill" as const }],
  ])("is not told %s", async (_, more) => {
    await log(withTypes([men], more));
    await feed();
    await log(withTypes([men, sunday], more));
    expect(await told()).toEqual([]);
  });

  test("are none where its category had no room for more, and as many as it has where it had", async () => {
    const race = { ref: "race", name: "Race", amount: 300 };
    const friday = { ...sunday, ticketTypeId: "friday", name: "HYROX MEN | Friday" };
    const types = [men, sunday, friday].map((type) => ({ ...type, categoryRef: "race" }));
    const first = (count: number) => withTypes(types.slice(0, count), { categories: [race] });
    await log(first(2));
    await feed();
    await log(first(3));
    expect(await told()).toEqual([]);
    await log(first(1));
    await feed();
    await log(first(2));
    expect((await told()).flat()).toContain("HYROX MEN | Sunday: 290, a new ticket type");
  });

  test("come with a category's or the event's amount that is raised, as far as they can be sold", async () => {
    const race = { ref: "race", name: "Race", amount: 300 };
    const ticketTypes = [men, sunday].map((type) => ({ ...type, categoryRef: "race" }));
    const withCaps = (amount: number | null, maxAmount: number) =>
      withTypes(ticketTypes, { maxAmount, categories: [{ ...race, amount }] });
    await log(withCaps(300, 600));
    await feed();
    await log(withCaps(450, 600));
    expect(await told()).toEqual([["Places added: HYROX Frankfurt (DACH)", "Race: 300 → 450"]]);
    // The event's amount was no limit, and then it is the one that is.
    await log(withCaps(450, 700));
    expect(await told()).toEqual([]);
    await log(withCaps(450, 400));
    expect(await told()).toEqual([]);
    await log(withCaps(null, 500));
    expect(await told()).toEqual([
      ["Places added: HYROX Frankfurt (DACH)", "400 → 500", "Race: 450 → no limit"],
    ]);
  });

  test("is none where a type of its name goes", async () => {
    await log(withTypes([men, sunday]));
    await feed();
    await log(withTypes([men, { ...sunday, ticketTypeId: "sunday2" }]));
    expect(await told()).toEqual([]);
  });
});

test("more messages than are kept lose nothing: what changed since the last look is looked at", async () => {
  await log(described(9_900));
  await feed();
  await log(described(10_900));
  await sql`delete from row_message where position < (select max(position) from row_message)`;
  await sql`update row_message set changes = null`;
  await feed();
  const races = receiver();
  await relay("races", races);
  expect(titles(races)).toEqual(["Price changed, 1 ticket type: HYROX Frankfurt (DACH)"]);
});

describe("a channel that fails", () => {
  beforeEach(async () => {
    await log(described(9_900), counted(5));
    await feed();
    await log(described(10_900));
    await log(counted(10));
    await feed();
  });

  test("holds up no other, is tried again with growing pauses, and is told in the order of what happened", async () => {
    const [races, ops] = [receiver(), receiver()];
    races.answer = async () => {
      throw new Failure("unavailable", "it answered with 503");
    };
    expect(await relay("races", races)).toBe("it answered with 503");
    for (let n = 0; n < 5; n += 1) await relay("ops", ops);
    expect(titles(ops)).toEqual([
      "Price changed, 1 ticket type: HYROX Frankfurt (DACH)",
      "Sold out: HYROX Frankfurt (DACH)",
      "Sold out, 1 ticket type: HYROX Frankfurt (DACH)",
    ]);
    const pauses: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const [first] = await sql<{ dueAt: Date }[]>`
        select due_at from notice where channel = 'races' order by notice_id limit 1
      `;
      const pauseMs = Number(first?.dueAt) - clock.now().getTime();
      pauses.push(pauseMs / 1_000);
      clock.forward(pauseMs);
      expect(await relay("races", races)).toBe("it answered with 503");
    }
    expect(pauses).toEqual([30, 60, 120, 240]);
    races.answer = async () => {};
    clock.forward(HOUR);
    for (let n = 0; n < 5; n += 1) await relay("races", races);
    expect(titles(races)).toEqual(titles(ops));
  });

  test("is told what it did not take soon after it takes something else, and need not wait for its pauses", async () => {
    const races = receiver();
    races.answer = async () => {
      throw new Failure("unavailable", "it answered with 503");
    };
    for (let n = 0; n < 8; n += 1) {
      await relay("races", races);
      clock.forward(HOUR);
    }
    expect(await relay("races", races)).toBe("it answered with 503");
    races.answer = async () => {};
    clock.forward(2 * MINUTE);
    const another = { eventId: "another", name: "HYROX Ulm" };
    await log(described(9_900, clock.now(), another));
    await feed();
    await log(described(10_900, clock.now(), another));
    await feed();
    await relay("races", races);
    expect(titles(races)).toEqual(["Price changed, 1 ticket type: HYROX Ulm (DACH)"]);
    clock.forward(30_000);
    for (let n = 0; n < 4; n += 1) await relay("races", races);
    expect(titles(races)).toHaveLength(4);
  });

  test("is said to fail as long as it does, rests meanwhile, and is well with what it takes or nobody waits for", async () => {
    let tries = 0;
    const said: (string | undefined)[] = [];
    let isBroken = true;
    const step = noticeRelay({
      ...{ sql, clock, channel: "races", signal: never, quiet: undefined },
      redact: (text) => text,
      check: async () => {},
      outgoingOf: (waiting) => outgoingOf(waiting),
      onOutcome: () => {},
      onFailing: (reason) => void said.push(reason),
      sender: {
        async send() {
          tries += 1;
          if (isBroken) throw new Failure("unavailable", "it answered with 503");
        },
        close() {},
      },
    });
    await step();
    await step();
    expect({ tries, said }).toEqual({ tries: 1, said: ["it answered with 503"] });
    // Nothing is due yet, and it fails all the same.
    clock.forward(10_000);
    await step();
    expect({ tries, said }).toEqual({ tries: 1, said: ["it answered with 503"] });
    isBroken = false;
    clock.forward(MINUTE);
    await step();
    expect(said).toEqual(["it answered with 503", undefined]);
    isBroken = true;
    await step();
    await sql`update notice set refused_at = ${clock.now()}`;
    clock.forward(MINUTE);
    await step();
    expect(said).toEqual(["it answered with 503", undefined, "it answered with 503", undefined]);
  });

  test("for hours is asked twice a minute, and within one after its end is told to be well, and what waits, once and in order", async () => {
    const another = { eventId: "another", name: "HYROX Ulm" };
    await log(described(9_900, clock.now(), another));
    await feed();
    for (const price of [10_900, 11_900]) {
      await log(described(price, clock.now(), another));
      await feed();
    }
    const waiting = await sql<{ id: string; of: string }[]>`
      select message_id::text as id, told_of as of from notice where channel = 'races' order by notice_id
    `;
    const ofEach = (ids: readonly string[]) =>
      Map.groupBy(
        waiting
          .filter(({ id }) => ids.includes(id))
          .toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)),
        ({ of }) => of,
      );
    const races = { tries: 0, isBroken: true, got: [] as string[], said: [] as unknown[] };
    const step = noticeRelay({
      ...{ sql, clock, channel: "races", signal: never, quiet: undefined },
      redact: (text) => text,
      check: async () => {},
      outgoingOf: (waiting) => outgoingOf(waiting),
      onOutcome: () => {},
      onFailing: (reason) => void races.said.push(reason),
      sender: {
        async send({ id }) {
          races.tries += 1;
          if (races.isBroken) throw new Failure("unavailable", "it answered with 503");
          races.got.push(id);
        },
        close() {},
      },
    });
    const passes = async (ms: number) => {
      for (let at = 0; at < ms; at += 5_000) {
        for (let n = 0; n < 9 && (await step()) === "more"; n += 1);
        clock.forward(5_000);
      }
    };
    await passes(2 * HOUR);
    expect(races.said).not.toContain(undefined);
    const before = races.tries;
    await passes(HOUR);
    expect(races.tries - before).toBeGreaterThanOrEqual(100);
    expect(races.tries - before).toBeLessThanOrEqual(120);
    races.isBroken = false;
    await passes(40_000);
    expect(races.said.at(-1)).toBeUndefined();
    await passes(40_000);
    expect(races.got).toHaveLength(waiting.length);
    expect(ofEach(races.got)).toEqual(ofEach(waiting.map(({ id }) => id)));
  });

  test("is asked at once by who begins, whatever another one would have waited for", async () => {
    const races = receiver();
    races.answer = async () => {
      throw new Failure("unavailable", "it answered with 503");
    };
    for (let n = 0; n < 8; n += 1) {
      await relay("races", races);
      clock.forward(HOUR);
    }
    await relay("races", races);
    races.answer = async () => {};
    clock.forward(1_000);
    await relay("races", races);
    expect(titles(races)).toHaveLength(1);
  });

  test("gets the same id again where nobody knows whether it has it", async () => {
    const races = receiver();
    const ids: string[] = [];
    races.answer = async ({ id }) => {
      ids.push(id);
      if (ids.length === 1) throw new Failure("unavailable", "it did not answer within 20 s");
    };
    await relay("races", races);
    clock.forward(MINUTE);
    await relay("races", races);
    expect(ids[0]).toBe(String(ids[1]));
  });

  test("for a day is given up, and what it cannot take at all at once", async () => {
    const [races, ops] = [receiver(), receiver()];
    races.answer = async () => {
      throw new Failure("unavailable", "it answered with 503");
    };
    ops.answer = async ({ message: { title } }) => {
      if (title.startsWith("Price")) throw new Failure("malformed", "it answered with 400");
    };
    await relay("ops", ops);
    await relay("ops", ops);
    expect(titles(ops).length).toBeGreaterThan(0);
    await relay("races", races);
    clock.forward(DAY);
    await relay("races", races);
    const dead = await sql<{ channel: string; reason: string }[]>`
      select channel, reason from notice where refused_at is not null order by channel
    `;
    expect([...dead]).toEqual([
      { channel: "ops", reason: "it answered with 400" },
      { channel: "races", reason: "it answered with 503" },
    ]);
  });

  test("is asked nothing for as long as it says, whatever else is due", async () => {
    await log(
      described(10_900, clock.now(), {
        eventId: "68f0000000000000000000ff",
        name: "HYROX Hamburg",
      }),
    );
    await log(
      described(11_900, clock.now(), {
        eventId: "68f0000000000000000000ff",
        name: "HYROX Hamburg",
      }),
    );
    await feed();
    let tries = 0;
    const step = noticeRelay({
      ...{ sql, clock, channel: "races", signal: never, quiet: undefined },
      redact: (text) => text,
      ...{ check: async () => {}, onOutcome: () => {}, onFailing: () => {} },
      outgoingOf: (waiting) => outgoingOf(waiting),
      sender: {
        async send() {
          tries += 1;
          throw new Failure("unavailable", "it answered with 429", { waitMs: 10 * MINUTE });
        },
        close() {},
      },
    });
    await step();
    clock.forward(9 * MINUTE);
    await step();
    expect(tries).toBe(1);
    clock.forward(MINUTE);
    await step();
    expect(tries).toBe(2);
    // After a clock was set back it rests no longer for it.
    await sql`update notice set due_at = ${clock.forward(-HOUR)} where channel = 'races'`;
    await step();
    expect(tries).toBe(3);
  });

  test("is told the others where one cannot be put into words, as one that a newer program kept", async () => {
    await sql`
      update notice set content = jsonb_set(content, '{notice,kind}', '"newKind"')
      where content #>> '{notice,kind}' = 'priceChanged'
    `;
    const ops = receiver();
    for (let n = 0; n < 3; n += 1) await relay("ops", ops);
    expect(titles(ops)).toEqual([
      "Sold out: HYROX Frankfurt (DACH)",
      "Sold out, 1 ticket type: HYROX Frankfurt (DACH)",
    ]);
    expect(await listDeadLetters({ sql })).toMatchObject([
      { state: "dead", reason: "this program cannot put it into words: TypeError" },
    ]);
  });

  test("leaves dead letters that a person lists, has sent all the same, or drops", async () => {
    const ops = receiver();
    ops.answer = async () => {
      throw new Failure("malformed", "it answered with 400");
    };
    for (let n = 0; n < 3; n += 1) await relay("ops", ops);
    const letters = await listDeadLetters({ sql });
    expect(
      letters.map(({ account, type, reason, state }) => [account, type, reason, state]),
    ).toEqual(
      Array.from({ length: 3 }, () => ["DACH", "message to ops", "it answered with 400", "dead"]),
    );
    const [first, second] = letters.map(({ id }) => id);
    const by = { by: "a person" };
    await releaseRefused({ sql, clock }, { ids: [String(first)], ...by });
    await dropDeadLetters({ sql, clock }, { ids: [String(second)], ...by });
    ops.answer = async () => {};
    await relay("ops", ops);
    expect(titles(ops)).toHaveLength(1);
    expect(await listDeadLetters({ sql })).toHaveLength(1);
    const counts = await readNoticesByChannel(sql, clock.now());
    expect(counts.map(({ channel, waiting, refused }) => [channel, waiting, refused])).toEqual([
      ...[
        ["ops", 0, 1],
        ["races", 3, 0],
      ],
    ]);
  });

  test("is noted as told by who is asked to end meanwhile", async () => {
    const stopping = new AbortController();
    const races = receiver();
    races.answer = async () => stopping.abort();
    await relay("races", races, { signal: stopping.signal });
    expect(await sql`select from notice where sent_at is not null`).toHaveLength(1);
  });

  test("is not noted as told by who has lost the lease", async () => {
    const races = receiver();
    stage.lease.check = async () => {
      throw new Failure("refused", "the lease is another's");
    };
    expect(await relay("races", races)).toBe("the lease is another's");
    expect(await sql`select from notice where sent_at is not null`).toHaveLength(0);
  });
});

test("what nobody could tell for a day, while the service was off, is given up and not told as news", async () => {
  await log(described(9_900));
  await feed();
  await log(described(10_900));
  await feed();
  clock.forward(2 * DAY);
  await log(described(11_900));
  await feed();
  const races = receiver();
  for (let n = 0; n < 3; n += 1) await relay("races", races);
  expect(races.got.map(({ message }) => message.lines)).toEqual([
    ["HYROX MEN | Saturday: 109.00 EUR → 119.00 EUR"],
  ]);
  const [letter, ...others] = (await listDeadLetters({ sql })).filter(({ type }) =>
    type.endsWith("races"),
  );
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ state: "dead", reason: "it could not be told for a day" });
  await releaseRefused({ sql, clock }, { ids: [String(letter?.id)], by: "a person" });
  await relay("races", races);
  expect(races.got).toHaveLength(2);
});

test("what was tried once before the service was off for two days is given up as well, with why it failed", async () => {
  await log(described(9_900));
  await feed();
  await log(described(10_900));
  await feed();
  const races = receiver();
  races.answer = async () => {
    throw new Failure("unavailable", "it answered with 503");
  };
  await relay("races", races);
  races.answer = async () => {};
  clock.forward(2 * DAY);
  await relay("races", races);
  expect(titles(races)).toEqual([]);
  const [letter] = (await listDeadLetters({ sql })).filter(({ type }) => type.endsWith("races"));
  expect(letter).toMatchObject({ state: "dead", reason: "it answered with 503" });
});

test("what was kept before the clock was set back is told, and what changed then is looked at", async () => {
  await log(described(9_900));
  await feed();
  await log(described(10_900));
  await feed();
  await log(described(11_900));
  await sql`delete from row_message where position < (select max(position) from row_message)`;
  await sql`update row_message set changes = null`;
  await sql`
    update notice_place
    set looked_at = looked_at + interval '1 year', since = since + interval '1 year'
  `;
  clock.forward(-HOUR);
  const races = receiver();
  await relay("races", races);
  expect(races.got).toHaveLength(1);
  await feed();
  await relay("races", races);
  expect(races.got.map(({ message }) => message.lines)).toEqual([
    ["HYROX MEN | Saturday: 99.00 EUR → 109.00 EUR"],
    ["HYROX MEN | Saturday: 109.00 EUR → 119.00 EUR"],
  ]);
});

test("what waits for a channel that is configured no more is no alarm: nobody will tell it", async () => {
  await log(described(9_900));
  await feed();
  await log(described(10_900));
  await feed();
  clock.forward(HOUR);
  const metrics = createMetrics();
  await measure({
    ...{ sql, clock, logger, metrics, failing: failingLoops(sql), channels: ["races"] },
    budget: { accounts: [], perHour: 1 },
  });
  const text = await metrics.registry.metrics();
  expect(text).toContain(`notices_oldest_waiting_seconds{channel="races"} ${HOUR / 1_000}\n`);
  expect(text).not.toContain(`notices_oldest_waiting_seconds{channel="ops"}`);
});

test("quiet hours hold back, and what is too grave to wait takes with it what was before it", async () => {
  const quiet = { from: "12:00", to: "20:00", zone: "UTC", despite: "critical" } as const;
  await log(described(9_900));
  await feed();
  await log(described(10_900));
  await feed({ quiet });
  const races = receiver();
  await relay("races", races, { quiet });
  expect(titles(races)).toEqual([]);
  await log(described(10_900, clock.now(), { name: "ABGESAGT HYROX Frankfurt" }));
  await feed({ quiet });
  for (let n = 0; n < 3; n += 1) await relay("races", races, { quiet });
  expect(titles(races)).toEqual([
    "Price changed, 1 ticket type: HYROX Frankfurt (DACH)",
    "Cancelled: ABGESAGT HYROX Frankfurt (DACH)",
  ]);
});

describe("quiet hours are those of the moment in which it is sent", () => {
  const quiet = { from: "12:30", to: "20:00", zone: "UTC", despite: "critical" } as const;
  const price = "Price changed, 1 ticket type: HYROX Frankfurt (DACH)";

  beforeEach(async () => {
    await log(described(9_900));
    await feed({ quiet });
    await log(described(10_900));
    await feed({ quiet });
  });

  test("what a channel did not take before them is tried again behind them, or with what is too grave to wait", async () => {
    const [races, ops] = [receiver(), receiver()];
    for (const one of [races, ops])
      one.answer = async () => {
        throw new Failure("unavailable", "it answered with 503");
      };
    await relay("races", races, { quiet });
    await relay("ops", ops, { quiet });
    for (const one of [races, ops]) one.answer = async () => {};
    clock.forward(HOUR);
    await relay("races", races, { quiet });
    expect(titles(races)).toEqual([]);
    await log(described(10_900, clock.now(), { name: "ABGESAGT HYROX Frankfurt" }));
    await feed({ quiet, rules: [{ to: ["races"] }] });
    for (let n = 0; n < 3; n += 1) await relay("races", races, { quiet });
    expect(titles(races)).toEqual([price, "Cancelled: ABGESAGT HYROX Frankfurt (DACH)"]);
    await relay("ops", ops, { quiet });
    expect(titles(ops)).toEqual([]);
    clock.forward(8 * HOUR);
    await relay("ops", ops, { quiet });
    expect(titles(ops)).toEqual([price]);
  });

  test("hours that are taken away hold back nothing any more, and new ones what waits already", async () => {
    const [races, ops] = [receiver(), receiver()];
    const now = { ...quiet, from: "12:00" };
    await relay("races", races, { quiet: now });
    expect(titles(races)).toEqual([]);
    await log(described(11_900));
    await feed({ quiet: now });
    await relay("races", races);
    await relay("races", races);
    expect(titles(races)).toEqual([price, price]);
    await relay("ops", ops, { quiet: now });
    expect(titles(ops)).toEqual([]);
  });
});

test("a digest goes to each of its channels once a day, from its time on, and not on the day it is first wanted too late", async () => {
  await feed();
  const made: string[] = [];
  const digestStep = digestLoop({
    ...common(),
    settings: { digest: { to: ["races", "ops"], at: "07:30", zone: "Europe/Berlin" } },
    async readDigest({ day }) {
      made.push(day);
      const nothing = { events: [], changes: [], launches: [], wrong: [] };
      return { ...nothing, day, soldInDay: 7, moreEvents: 0, changesInDay: 0 };
    },
  });
  const races = receiver();
  const at = async (instant: string) => {
    clock.forward(Date.parse(instant) - clock.now().getTime());
    await digestStep();
    await relay("races", races);
    return titles(races).length;
  };
  expect(await at("2026-11-18T13:00:00Z")).toBe(0);
  expect(await at("2026-11-19T06:29:59Z")).toBe(0);
  expect(await at("2026-11-19T06:30:00Z")).toBe(1);
  expect(await at("2026-11-19T20:00:00Z")).toBe(1);
  expect(await at("2026-11-20T15:00:00Z")).toBe(2);
  expect(made).toEqual(["2026-11-19", "2026-11-20"]);
  expect(titles(races)[0]).toBe("HYROX on 2026-11-19: 7 sold in 24 hours");
});

test("a digest says what changed since the last one, also where none came for a day", async () => {
  await feed();
  const lasts: (string | undefined)[] = [];
  const step = digestLoop({
    ...common(),
    settings: { digest: { to: ["races"], at: "07:30", zone: "UTC" } },
    async readDigest({ day, now, last }) {
      lasts.push(last?.toISOString());
      const nothing = { events: [], changes: [], launches: [], wrong: [] };
      // On the 21st the log was held for six hours.
      const rowsUntil = day === "2026-12-21" ? "2026-12-21T01:30:20.000Z" : now.toISOString();
      return { ...nothing, rowsUntil, day, soldInDay: 7, moreEvents: 0, changesInDay: 0 };
    },
  });
  for (const instant of ["18T07:00", "18T07:30", "20T09:00", "21T07:30", "22T07:30", "30T07:30"]) {
    clock.forward(Date.parse(`2026-12-${instant}:20Z`) - clock.now().getTime());
    await step();
  }
  // What was observed in the last minutes before one may have been shown after it.
  expect(lasts).toEqual([
    undefined,
    ...["2026-12-18T07:25:20.000Z", "2026-12-20T08:55:20.000Z", "2026-12-21T01:25:20.000Z"],
    undefined,
  ]);
});

test("a channel that wants the digest later on has none on the day on which its time was over", async () => {
  await feed();
  clock.forward(10 * DAY);
  const made: string[] = [];
  const lookFor = (...to: string[]) =>
    digestLoop({
      ...common(),
      settings: { digest: { to, at: "07:30", zone: "UTC" } },
      async readDigest({ day }) {
        made.push(`${day} ${to}`);
        const nothing = { events: [], changes: [], launches: [], wrong: [] };
        return { ...nothing, day, soldInDay: 7, moreEvents: 0, changesInDay: 0 };
      },
    })();
  const [races, ops] = [receiver(), receiver()];
  const told = async () => {
    await relay("races", races);
    await relay("ops", ops);
    return [titles(races).length, titles(ops).length];
  };
  // It is 12:00.
  await lookFor("races");
  await lookFor("races");
  expect(await told()).toEqual([0, 0]);
  clock.forward(DAY);
  await lookFor("races");
  expect(await told()).toEqual([1, 0]);
  await lookFor("races", "ops");
  expect(await told()).toEqual([1, 0]);
  clock.forward(18 * HOUR);
  await lookFor("races", "ops", "late");
  clock.forward(2 * HOUR);
  await lookFor("races", "ops", "late");
  expect(await told()).toEqual([2, 1]);
  expect(made).toEqual(["2026-11-29 races", "2026-11-30 races,ops,late"]);
});

describe("without any change", () => {
  // The cast: the look reads these of a row and nothing else.
  const row = (more: Partial<EventRow>) =>
    ({
      ...{ eventId: EVENT_ID, eventName: "HYROX", region: "DACH", timezone: null },
      ...{ salesLaunchDate: null, salesEndDate: null, eventDate: "2027-06-01T00:00:00.000Z" },
      eventEndDate: "2027-06-02T00:00:00.000Z",
      ...more,
    }) as EventRow;

  const launch = (more: Partial<LaunchRow>) =>
    ({
      ...{ eventId: EVENT_ID, eventName: "HYROX", region: "DACH", timezone: null },
      ...{ status: "ON_SALE", moves: [], ...more },
      // The cast: as above.
    }) as unknown as LaunchRow;

  const reads: LookReads = {
    opened: async () => [],
    nextLaunch: async () => null,
    gone: async () => [],
    events: async () => [],
    someOnSale: async () => [],
    lists: async () => [],
    refusedKeys: async () => [],
    lastReadings: async () => [],
    forecasts: async () => new Map(),
  };

  async function told(more: Partial<LookReads>) {
    await noticeLook({ ...common(), reads: { ...reads, ...more } })();
    const races = receiver();
    await relay("races", races);
    return races.got.map(({ message }) => [message.title, ...message.lines].join(" | "));
  }

  beforeEach(async () => {
    await feed();
    clock.forward(HOUR);
  });

  test("a sale that has begun, and an event that is gone, are told once; those of before are not", async () => {
    const at = (ms: number) => new Date(START.getTime() + ms).toISOString();
    const opened = async () => [
      launch({ salesLaunchDate: at(MINUTE) }),
      launch({ eventId: "b", salesLaunchDate: at(-MINUTE) }),
      launch({ eventId: "c", salesLaunchDate: at(2 * HOUR) }),
    ];
    const gone = async () => [
      row({ eventId: "d", lastUpdated: at(MINUTE) }),
      row({ eventId: "e", lastUpdated: at(-MINUTE) }),
      row({ eventId: "over", lastUpdated: at(MINUTE), eventEndDate: at(-30 * DAY) }),
    ];
    expect(await told({ opened, gone })).toEqual([
      "Sales opened: HYROX (DACH) | 2026-11-18 12:01 UTC",
      "Cancelled: HYROX (DACH) | Vivenu does not have it any more",
    ]);
    expect(await told({ opened, gone })).toEqual([]);
  });

  test("whoever corrects the launch of a sale that is under way opens nothing, and what nobody can buy is not open", async () => {
    const at = (minute: number) => new Date(START.getTime() + minute * MINUTE).toISOString();
    const moved = (from: string | null, when: string) => ({ from, to: at(30), at: when });
    const of = (eventName: string, more: Partial<LaunchRow>) =>
      launch({ eventId: eventName, eventName, salesLaunchDate: at(30), ...more });
    const given = [
      of("A launch that was set before it came", { moves: [moved(at(-90), at(10))] }),
      of("Corrected in the sale", { moves: [moved(at(20), at(35))] }),
      of("Brought forward by hand", { moves: [moved(at(600), at(35))] }),
      of("Without a launch until it was sold", { moves: [moved(null, at(35))] }),
      of("Switched off", { status: "PAUSED" }),
      of("Sold out at once", { status: "SOLD_OUT" }),
      of("Put off again", { status: "ANNOUNCED" }),
    ];
    await noticeLook({ ...common(), reads: { ...reads, opened: async () => given } })();
    const races = receiver();
    await relay("races", races);
    expect(titles(races)).toEqual(
      [
        ...["A launch that was set before it came", "Brought forward by hand"],
        ...["Without a launch until it was sold", "Sold out at once"],
      ].map((name) => `Sales opened: ${name} (DACH)`),
    );
  });

  test("whoever was told that an event is gone is told that it is back, once; and of its going again", async () => {
    const goneAt = (minute: number) => ({
      gone: async () => [
        row({ lastUpdated: new Date(START.getTime() + minute * MINUTE).toISOString() }),
      ],
    });
    const events = (status: string, region: string) => async (ids: readonly string[]) =>
      ids.map((eventId) => row({ eventId, status, region }));
    const cancelled = "Cancelled: HYROX (DACH) | Vivenu does not have it any more";
    const onlyRaces = { rules: [{ to: ["races"], kinds: ["cancelled" as const] }] };
    const look = async (more: Partial<LookReads>) => {
      await noticeLook({ ...common(onlyRaces), reads: { ...reads, ...more } })();
      const [races, ops] = [receiver(), receiver()];
      await relay("races", races);
      await relay("ops", ops);
      expect(titles(ops)).toEqual([]);
      return races.got.map(({ message }) => [message.title, ...message.lines].join(" | "));
    };
    expect(await look(goneAt(1))).toEqual([cancelled]);
    expect(await look({ ...goneAt(1), events: events("CANCELLED", "DACH") })).toEqual([]);
    const back = { events: events("ON_SALE", "FRANCE") };
    expect(await look(back)).toEqual([
      "Not cancelled any more: HYROX (FRANCE) | FRANCE has it in Vivenu",
    ]);
    expect(await look(back)).toEqual([]);
    expect(await look({ ...goneAt(40), events: events("CANCELLED", "DACH") })).toEqual([cancelled]);
    expect(await look(back)).toHaveLength(1);
    expect(await look(back)).toEqual([]);
  });

  test("an event that is gone from its account is told when no other account turned out to list it", async () => {
    const goneAt = new Date(START.getTime() + MINUTE);
    const gone = async () => [row({ lastUpdated: goneAt.toISOString() })];
    const lists = (italy: Date | null) => async () => [
      { region: "DACH", listedAt: START },
      { region: "FRANCE", listedAt: clock.now() },
      { region: "ITALY", listedAt: italy },
    ];
    expect(await told({ gone, lists: lists(null) })).toEqual([]);
    expect(await told({ gone, lists: lists(goneAt) })).toEqual([]);
    // It moved to Italy, whose events were read: its row is there, and not gone.
    expect(await told({ lists: lists(clock.now()) })).toEqual([]);
    expect(await told({ gone, lists: lists(clock.now()) })).toEqual([
      "Cancelled: HYROX (DACH) | Vivenu does not have it any more",
    ]);
    expect(await told({ gone, lists: lists(clock.now()) })).toEqual([]);
  });

  test("an account that cannot be read is not waited for all day, and named", async () => {
    const at = new Date(START.getTime() + MINUTE).toISOString();
    const given = {
      gone: async () => [row({ lastUpdated: at })],
      lists: async () => [{ region: "ITALY", listedAt: null }],
    };
    clock.forward(5 * HOUR);
    expect(await told(given)).toEqual([]);
    clock.forward(2 * MINUTE);
    expect(await told(given)).toEqual([
      "Cancelled: HYROX (DACH) | DACH does not have it any more, and whether it moved is not known: ITALY could not be read since",
    ]);
  });

  test("a refused key is told once as long as it is refused, over a restart, and again when it is so anew", async () => {
    const refusedKeys = async () => ["DACH"];
    const one =
      "Vivenu refuses the account's key: DACH | Nothing of it is read until it has a valid one.";
    expect(await told({ refusedKeys })).toEqual([one]);
    clock.forward(30 * MINUTE);
    expect(await told({})).toEqual([]);
    clock.forward(MINUTE);
    expect(await told({ refusedKeys })).toEqual([]);
    clock.forward(2 * HOUR);
    expect(await told({ refusedKeys })).toEqual([one]);
  });

  test("what waits for a channel that is named no more is given up, and said", async () => {
    await told({ refusedKeys: async () => ["DACH"] });
    const [, ops] = settings.channels;
    const left = { ...common(), settings: { ...settings, channels: ops ? [ops] : [] } };
    await sql`update notice set sent_at = null`;
    await noticeLook({ ...left, reads })();
    expect(await listDeadLetters({ sql })).toMatchObject([
      { type: "message to races", reason: "no channel has this name any more", state: "dead" },
    ]);
  });

  test("numbers that are older than a day are told of once, by their account", async () => {
    const lastReadings = async () => [
      { region: "DACH", readUntil: new Date("2026-11-17T10:59:00.000Z") },
      { region: "ITALY", readUntil: new Date("2026-11-18T02:00:00.000Z") },
      { region: "USA", readUntil: null },
    ];
    expect(await told({ lastReadings })).toEqual([
      "Numbers are older than a day: DACH | What was sold is known up to 2026-11-17 10:59 UTC.",
    ]);
    expect(await told({ lastReadings })).toEqual([]);
  });

  test("what lasts for months is told once all the same, and is remembered no longer than it matters", async () => {
    const lastReadings = async () => [
      { region: "DACH", readUntil: new Date("2026-11-17T10:59:00.000Z") },
    ];
    expect(await told({ lastReadings })).toHaveLength(1);
    for (let day = 0; day < 130; day += 1) {
      clock.forward(DAY);
      expect({ day, told: await told({ lastReadings }) }).toEqual({ day, told: [] });
    }
    clock.forward(61 * DAY);
    await told({});
    expect(await sql`select from notice_source`).toHaveLength(0);
  });

  test("a forecast is told when it is more than a week from where it was told last", async () => {
    const someOnSale = async () => [row({})];
    const says = async (day: string | null) => {
      clock.forward(7 * HOUR);
      return told({ someOnSale, forecasts: async () => new Map([[EVENT_ID, day]]) });
    };
    expect(await says("2027-03-01")).toEqual([]);
    expect(await says("2027-03-08")).toEqual([]);
    const title = "Sell-out forecast moved: HYROX (DACH)";
    expect(await says("2027-03-09")).toEqual([`${title} | 2027-03-01 → 2027-03-09`]);
    expect(await says("2027-03-02")).toEqual([]);
    const never = "not before the sale ends";
    expect(await says(null)).toEqual([`${title} | 2027-03-09 → ${never}`]);
    expect(await says(null)).toEqual([]);
    // The race is on the first of June, and the sale ends with it.
    expect(await says("2027-05-25")).toEqual([]);
    expect(await says("2027-05-24")).toEqual([`${title} | ${never} → 2027-05-24`]);
  });
});
