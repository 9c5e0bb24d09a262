import { afterAll, beforeAll, expect, test } from "bun:test";
import { type PlayedNotices, playNotices } from "../../sandbox/notices/server.ts";
import { HOUR, never } from "../../test/support/intake.ts";
import { noticeStage, receiver } from "../../test/support/notices.ts";
import { notifySettings } from "../config/notify.ts";
import { readNoticesByChannel } from "./dead-notices.ts";
import { senderOf } from "./senders.ts";

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
