import { afterAll, beforeAll, expect, test } from "bun:test";
import { type PlayedNotices, playNotices } from "../../sandbox/notices/server.ts";
import { HOUR, never } from "../../test/support/intake.ts";
import { noticeStage, receiver } from "../../test/support/notices.ts";
import { notifySettings } from "../config/notify.ts";
import { senderOf } from "./channels/senders.ts";
import { readNoticesByChannel } from "./outbox/dead-notices.ts";
import { noteChannels } from "./outbox/known-channels.ts";
import { giveUpOthers } from "./outbox/outbox.ts";
import type { NotifySettings } from "./settings.ts";

let sink: PlayedNotices;
beforeAll(async () => {
  sink = await playNotices();
});
afterAll(() => sink.stop());

const [ONE, OTHER] = ["one@example.org", "other@example.org"];

/** An e-mail to two receivers, by configuration, and the mail server that takes it or does not. */
async function stage() {
  const settings = notifySettings({
    NOTIFICATIONS: JSON.stringify({
      channels: { office: { email: [ONE, OTHER] } },
      smtp: { url: sink.smtpUrl, from: "monitor@example.org" },
      rules: [{ to: "office" }],
    }),
    NOTIFICATIONS_FILE: undefined,
  });
  if (!settings) throw new Error("nobody is told anything");
  const stage = await noticeStage();
  const { sql, clock } = stage;
  const senders = settings.channels.map((channel) => ({
    name: channel.name,
    sender: senderOf(channel, settings, clock),
  }));
  const relayAll = async () => {
    for (const { name, sender } of senders)
      await stage.relay(name, {
        ...receiver(),
        answer: (outgoing) => sender.send(outgoing, never),
      });
  };
  await stage.feed(settings);
  await stage.log(stage.described(9_900));
  await stage.feed(settings);
  const change = async (price: number) => {
    await stage.log(stage.described(price));
    await stage.feed(settings);
  };
  const close = () => senders.map(({ sender }) => sender.close());
  return { ...{ sql, clock, settings, relayAll, change, close } };
}

const mailsTo = (address: string) =>
  sink
    .received()
    .filter(({ by, to }) => by === "email" && to.includes(address))
    .map(({ to, text }) => ({ to, price: /(\d+)\.00\b(?!.*\d+\.00)/s.exec(text)?.[1] }));

test("of an e-mail's receivers each is told once: what one refuses goes to that one alone, later and in order, or is given up alone", async () => {
  const { sql, clock, settings, relayAll, change, close } = await stage();
  const [first, second] = settings.channels.map(({ name }) => name);
  expect(settings.rules[0]?.to).toEqual([first ?? "", second ?? ""]);
  sink.fail({ refused: [OTHER] });
  await change(10_000);
  await relayAll();
  await change(11_000);
  await relayAll();
  expect(mailsTo(ONE).map(({ to }) => to)).toEqual([[ONE], [ONE]]);
  expect(mailsTo(OTHER)).toEqual([]);

  sink.fail({});
  clock.forward(HOUR);
  for (let n = 0; n < 3; n += 1) await relayAll();
  expect(mailsTo(ONE)).toHaveLength(2);
  expect(mailsTo(OTHER).map(({ price }) => price)).toEqual(mailsTo(ONE).map(({ price }) => price));

  sink.fail({ refused: [OTHER] });
  await change(12_000);
  for (let n = 0; n < 60; n += 1) {
    await relayAll();
    clock.forward(HOUR / 2);
  }
  expect(mailsTo(ONE)).toHaveLength(3);
  expect(mailsTo(OTHER)).toHaveLength(2);
  const byChannel = await readNoticesByChannel(sql, clock.now());
  expect(byChannel.filter(({ refused }) => refused > 0)).toMatchObject([
    { channel: second, refused: 1, waiting: 0 },
  ]);
  close();
});

test("a receiver's channel has the same name whoever else is told, and it is no address", () => {
  const namesOf = (email: string[] | string) =>
    notifySettings({
      NOTIFICATIONS: JSON.stringify({
        channels: { office: { email } },
        smtp: { url: sink.smtpUrl, from: "monitor@example.org" },
        rules: [{ to: "office" }],
      }),
      NOTIFICATIONS_FILE: undefined,
    })?.channels.map(({ name }) => name) ?? [];
  const [one, other] = namesOf([ONE, OTHER]);
  expect(namesOf([OTHER, "third@example.org", ONE])).toEqual([
    ...[other ?? "", expect.any(String), one ?? ""],
  ]);
  expect(namesOf([ONE, ONE])).toEqual(["office"]);
  expect(namesOf(ONE)).toEqual(["office"]);
  expect([one, other].join()).toMatch(/^office\/[0-9a-f]{6},office\/[0-9a-f]{6}$/);
});

test("what waits for an e-mail's receiver is told when others come to it or go, and what it was told of is no news", async () => {
  const settingsOf = (...email: string[]) => {
    const settings = notifySettings({
      NOTIFICATIONS: JSON.stringify({
        channels: { office: { email }, team: { email: "team@example.org" } },
        smtp: { url: sink.smtpUrl, from: "monitor@example.org" },
        rules: [{ to: ["office", "team"] }],
      }),
      NOTIFICATIONS_FILE: undefined,
    });
    if (!settings) throw new Error("nobody is told anything");
    return settings;
  };
  const stage = await noticeStage();
  const { sql, clock } = stage;
  const change = async (price: number, settings: NotifySettings) => {
    await stage.log(stage.described(price));
    await stage.feed(settings);
  };
  const start = ({ channels }: NotifySettings) =>
    sql.begin((tx) => noteChannels(tx, channels, clock.now()));
  const waiting = async () => {
    const rows = await sql<{ channel: string; price: string }[]>`
      select channel, content #>> '{notice,items,0,is}' as price from notice
      where sent_at is null and refused_at is null order by channel, notice_id
    `;
    return rows.map(({ channel, price }) => `${channel} ${price}`);
  };
  const [alone, both] = [settingsOf(ONE), settingsOf(ONE, OTHER)];
  const [first, second] = both.channels.map(({ name }) => name);
  await start(alone);
  await change(10_000, alone);
  await change(11_000, alone);
  await change(12_000, alone);
  expect(await waiting()).toEqual(["office 110", "office 120", "team 110", "team 120"]);

  await start(both);
  await start(both);
  const twice = [`${first} 110`, `${first} 120`, `${second} 110`, `${second} 120`].sort();
  expect(await waiting()).toEqual([...twice, "team 110", "team 120"]);
  // It is looked at once more, as after a restart of the database.
  await sql`update notice_place set position = 0, mark = (select mark from row_message where position = 0)`;
  await stage.feed(both);
  expect(await waiting()).toHaveLength(6);

  await start(alone);
  await sql.begin((tx) =>
    giveUpOthers(
      tx,
      alone.channels.map(({ name }) => name),
      clock.now(),
    ),
  );
  expect(await waiting()).toEqual(["office 110", "office 120", "team 110", "team 120"]);
  await change(13_000, alone);
  expect((await waiting()).filter((one) => one.startsWith("office"))).toHaveLength(3);
});
