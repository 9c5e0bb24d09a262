import { randomUUID } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import { senderOf } from "../notify/channels/senders.ts";
import { readNoticesByChannel } from "../notify/outbox/dead-notices.ts";
import { testOutgoing } from "../notify/outbox/outgoing-of.ts";
import type { ChannelSettings, NotifySettings } from "../notify/settings.ts";
import type { Surroundings } from "./build/surroundings.ts";
import { exitCodes, type Outcome, WrongUsage } from "./run/outcome.ts";

const LIMIT_MS = 30_000;

/** Sends a message that says that the channel works: past quiet hours, rules and the outbox. */
export async function testChannel(
  { config, clock }: Pick<Surroundings, "config" | "clock">,
  name: string,
): Promise<Outcome> {
  const settings = settingsOf(config);
  const channels = settings.channels.filter((one) => isCalled(one.name, name));
  if (channels.length === 0)
    throw new WrongUsage(`there is no channel ${name}; there are ${namesOf(settings)}`);
  const tried = await Promise.all(channels.map((one) => tryChannel(one, settings, clock)));
  const [first] = tried;
  return {
    value: tried.length === 1 && first ? first.value : tried.map(({ value }) => value),
    text: tried.map(({ text }) => text).join("\n"),
    ...(tried.some(({ value }) => !value.sent) && { code: exitCodes.unfinished }),
  };
}

/** Of an e-mail's several receivers each is one: `office` means all of them. */
const isCalled = (channel: string, name: string) =>
  channel === name || channel.startsWith(`${name}/`);

async function tryChannel(channel: ChannelSettings, settings: NotifySettings, clock: Clock) {
  const { name } = channel;
  const sender = senderOf(channel, settings, clock);
  try {
    await sender.send(testOutgoing(randomUUID(), clock.now(), name), AbortSignal.timeout(LIMIT_MS));
  } catch (error) {
    const reason = error instanceof Failure ? error.message : "it failed";
    const text = `${name} (${channel.type}) did not take the test message: ${reason}`;
    return { value: { channel: name, sent: false, reason }, text };
  } finally {
    sender.close();
  }
  const text = `${name} (${channel.type}) took the test message`;
  return { value: { channel: name, sent: true, reason: null }, text };
}

/** Which channels there are, and what they have not been told. */
export async function listChannels({
  config,
  sql,
  clock,
}: Pick<Surroundings, "config" | "sql" | "clock">): Promise<Outcome> {
  const settings = config.notify;
  if (!settings) return { value: [], text: NOBODY };
  const known = new Map(
    (await readNoticesByChannel(sql, clock.now())).map((one) => [one.channel, one]),
  );
  const value = settings.channels.map(({ name, type, ...channel }) => {
    const { waiting = 0, refused = 0 } = known.get(name) ?? {};
    const [to] = "to" in channel ? channel.to : [];
    return { channel: name, type, ...(to !== undefined && { to }), waiting, refused };
  });
  const lines = value.map(
    ({ channel, type, to, waiting, refused }) =>
      `${channel}  ${type}${to === undefined ? "" : ` to ${to}`}  ${waiting} waiting, ${refused} given up`,
  );
  return { value, text: lines.join("\n") };
}

const NOBODY = "nobody is told anything: NOTIFICATIONS is not set (docs/notifications.md)";

function settingsOf({ notify }: Surroundings["config"]): NotifySettings {
  if (notify) return notify;
  throw new WrongUsage(NOBODY);
}

const namesOf = ({ channels }: NotifySettings) => channels.map(({ name }) => name).join(", ");
