import { afterAll, expect, spyOn, test } from "bun:test";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { playNotices } from "../../../sandbox/notices/server.ts";
import { isFailure } from "../../lib/failure.ts";
import { emailSender } from "./email.ts";
import { emailHtml } from "./email-html.ts";
import type { Outgoing } from "./outgoing.ts";
import { longestAt, slackBody, slackSender } from "./slack.ts";
import { signedHeaders, webhookSender } from "./webhook.ts";

const hidden = (value: string) => ({ reveal: () => value });
const never = new AbortController().signal;
const now = new Date();
const clock = { now: () => now };

const heard: { headers: Record<string, string>; body: string }[] = [];
let answer: () => Response | Promise<Response> = () => new Response("ok");
const receiver = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    heard.push({ headers: Object.fromEntries(request.headers), body: await request.text() });
    return answer();
  },
});
afterAll(() => receiver.stop(true));
const url = hidden(`http://127.0.0.1:${receiver.port}/a-path-that-nobody-guesses`);

const HOSTILE = "<!channel> & <https://evil.example|click> <img src=x onerror=alert(1)>";
const outgoing: Outgoing = {
  id: "3f0c7b1e-0000-4000-8000-000000000001",
  at: now,
  message: { title: `Sold out: ${HOSTILE}`, lines: [`0 left ${HOSTILE}`], link: null },
  type: "notice.soldOut",
  data: { kind: "soldOut" },
};

test("a webhook's signature is what the library of Standard Webhooks has in its own test", () => {
  // From the tests of the published libraries: key, id, timestamp, payload and signature.
  const headers = signedHeaders(
    {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      at: new Date(1_614_265_330_000),
      body: '{"test": 2432232314}',
    },
    [hidden("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
  );
  expect(headers).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("while keys are rotated, who has the old one or the new one can check a webhook", async () => {
  const keys = [7, 8].map((byte) => `whsec_${Buffer.alloc(32, byte).toString("base64")}`);
  heard.length = 0;
  await webhookSender({ url, keys: keys.map(hidden), clock }).send(outgoing, never);
  const [{ headers, body } = { headers: {}, body: "" }] = heard;
  for (const key of keys)
    expect(new Webhook(key).verify(body, headers)).toEqual({
      ...{ type: "notice.soldOut", timestamp: now.toISOString(), data: { kind: "soldOut" } },
    });
  const other = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
  expect(() => new Webhook(other).verify(body, headers)).toThrow();
});

test("in Slack a name calls nobody and links nowhere", () => {
  const { text, ...rest } = slackBody(outgoing);
  expect(text).not.toMatch(/[<>]/);
  expect(text).toStartWith("Sold out: &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;");
  expect(rest).toMatchObject({ mrkdwn: false, parse: "none", unfurl_links: false });
});

test.each([
  ["https://hooks.slack.com/services/T/B/x", 40_000],
  ["https://discord.com/api/webhooks/1/x/slack", 2_000],
  ["https://chat.example.org/hooks/x", 5_000],
])("what %s would refuse for its length is cut behind a whole line, and says so", (to, most) => {
  const link = "https://monitor.example.org";
  const lines = Array.from({ length: 500 }, (_, n) => `• line ${n} ${"&".repeat(60)}`);
  const long = { ...outgoing, message: { ...outgoing.message, link }, text: lines.join("\n") };
  const { text } = slackBody(long, longestAt(to));
  expect(text.length).toBeLessThan(most);
  expect(text.length).toBeGreaterThan(most / 2);
  const [, shown, more] =
    /line (\d+) (?:&amp;){60}\n… and (\d+) more lines\nhttps:\/\/monitor\.example\.org$/.exec(
      text,
    ) ?? [];
  expect(Number(shown) + 1 + Number(more)).toBe(500);
  const short = { ...long, text: lines.slice(0, 5).join("\n") };
  expect(slackBody(short, longestAt(to)).text).not.toContain("more line");
});

test("in an e-mail a name is text, and nothing is loaded from anywhere", () => {
  const page = emailHtml(outgoing.message);
  expect(page).not.toMatch(/<(img|script|link|iframe|!channel)/);
  expect(page).not.toMatch(/\b(src|srcset|background)=(?!x)|url\(/);
  expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
});

test("what a receiver answers is a failure in words that never name its address", async () => {
  const failureOf = async (to = url) => {
    const failed = await slackSender({ url: to })
      .send(outgoing, never)
      .catch((error: unknown) => error);
    expect(Bun.inspect(failed)).not.toContain("nobody-guesses");
    return isFailure(failed) ? `${failed.kind}: ${failed.message}` : failed;
  };
  const away = { status: 302, headers: { location: `${url.reveal()}/elsewhere` } };
  answer = () => new Response(null, away);
  heard.length = 0;
  expect(await failureOf()).toBe("unavailable: it answered with 302");
  expect(heard).toHaveLength(1);
  answer = () => new Response("invalid_payload", { status: 400 });
  expect(await failureOf()).toBe("malformed: it answered with 400");
  answer = () => new Response("no_service", { status: 404 });
  expect(await failureOf()).toBe("unavailable: it answered with 404");
  const nobody = hidden("http://127.0.0.1:1/a-path-that-nobody-guesses");
  expect(await failureOf(nobody)).toBe("unavailable: it cannot be reached (ECONNREFUSED)");
});

test("a receiver has as long to answer as Standard Webhooks recommends, and no longer", async () => {
  const over = new AbortController();
  const limits: number[] = [];
  using timeout = spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    limits.push(ms);
    return over.signal;
  });
  const answered = Promise.withResolvers<Response>();
  answer = () => answered.promise;
  const sending = slackSender({ url }).send(outgoing, never);
  const [limit = 0] = limits;
  expect(limit).toBeGreaterThanOrEqual(15_000);
  expect(limit).toBeLessThanOrEqual(30_000);
  over.abort(new DOMException("It timed out.", "TimeoutError"));
  const failed = await sending.catch((error: unknown) => error);
  expect(failed).toMatchObject({ message: `it did not answer within ${limit / 1_000} s` });
  answered.resolve(new Response("ok"));
  timeout.mockRestore();
});

test.each([
  ["120", 120_000],
  ["Wed, 18 Nov 2026 12:05:00 GMT", 300_000],
  ["Wed, 18 Nov 2026 11:55:00 GMT", 0],
  ["Thu, 19 Nov 2026 12:00:00 GMT", 3_600_000],
  ["in a while", undefined],
])(
  "a receiver that says Retry-After: %s is given that time, an hour at most",
  async (said, waitMs) => {
    const headers = { "retry-after": said, date: "Wed, 18 Nov 2026 12:00:00 GMT" };
    answer = () => new Response(null, { status: 503, headers });
    const failed = await slackSender({ url })
      .send(outgoing, never)
      .catch((error: unknown) => error);
    expect(isFailure(failed) && failed.context.waitMs).toBe(waitMs);
  },
);

test("a played Slack, a receiver of webhooks and a mail server show what they are told, and nothing of it runs", async () => {
  await using sink = await disposable();
  const senders = [
    slackSender({ url: hidden(sink.slackUrl) }),
    webhookSender({ url: hidden(sink.webhookUrl), keys: [hidden(sink.key)], clock }),
    emailSender({
      smtp: { url: hidden(sink.smtpUrl), from: "HYROX monitor <monitor@example.org>" },
      to: ["office@example.org", "team@example.org"],
    }),
  ];
  for (const sender of senders) {
    await sender.send(outgoing, never);
    sender.close();
  }
  const [slack, webhook, email] = sink.received();
  expect(slack).toMatchObject({ by: "slack", title: outgoing.message.title });
  expect(webhook).toMatchObject({ by: "webhook", id: outgoing.id, title: "notice.soldOut" });
  expect(email).toMatchObject({
    ...{ by: "email", id: `<${outgoing.id}@vivenu-event-monitor>`, title: outgoing.message.title },
    to: ["office@example.org", "team@example.org"],
  });
  expect(email?.text.trim()).toBe(outgoing.message.lines.join("\n"));
  expect(email?.html).toContain("&lt;img src=x onerror=alert(1)&gt;");
  const page = await (await fetch(`${sink.url}/notices`)).text();
  expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(page).not.toMatch(/<(img|script)/);
});

test("a mail server that is busy is asked again, and one that refuses the message is not", async () => {
  await using sink = await disposable();
  const smtp = { url: hidden(sink.smtpUrl), from: "monitor@example.org" };
  const sender = emailSender({ smtp, to: ["office@example.org"] });
  const kinds: unknown[] = [];
  for (const email of [451, 552]) {
    sink.fail({ email });
    const failed = await sender.send(outgoing, never).catch((error: unknown) => error);
    kinds.push(isFailure(failed) && [failed.kind, failed.message]);
  }
  expect(kinds).toEqual([
    ["unavailable", "the mail server did not take it (EMESSAGE 451)"],
    ["malformed", "the mail server did not take it (EMESSAGE 552)"],
  ]);
  sender.close();
});

test("an e-mail whose sending is broken off is not taken for sent", async () => {
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const { port, close } = await mailServer({
    onData: (stream, _, done) => {
      begun.resolve();
      void text(stream)
        .then(() => held.promise)
        .then(() => done());
    },
  });
  const smtp = { url: hidden(`smtp://127.0.0.1:${port}`), from: "m@example.org" };
  const sender = emailSender({ smtp, to: ["office@example.org"] });
  const ending = new AbortController();
  const sending = sender.send(outgoing, ending.signal).then(
    () => "sent",
    (error: unknown) => isFailure(error) && error.kind,
  );
  await begun.promise;
  ending.abort();
  expect(await sending).toBe("unavailable");
  held.resolve();
  sender.close();
  await close();
});

test("a mail server that says a little now and then is not waited for without end", async () => {
  const dribble = createServer((socket) => {
    socket.write("220 mail.example.org\r\n");
    const more = setInterval(() => socket.write("250-and so on\r\n"), 20);
    socket.on("close", () => clearInterval(more)).on("error", () => {});
  });
  const listening = dribble.listen(0, "127.0.0.1");
  await once(listening, "listening");
  // The cast: it listens on a port.
  const { port } = listening.address() as AddressInfo;
  const smtp = { url: hidden(`smtp://127.0.0.1:${port}`), from: "m@example.org" };
  const sender = emailSender({ smtp, to: ["office@example.org"], limitMs: 200 });
  const failed = await sender.send(outgoing, never).catch((error: unknown) => error);
  expect(isFailure(failed) && [failed.kind, failed.message]).toEqual([
    ...["unavailable", "the mail server took longer than 0.2 s"],
  ]);
  sender.close();
  dribble.close();
});

test.each(["HYROX: monitor", "HYROX (EU); ops", "Zürich, Genève"])(
  "a sender may be called %s, and is one sender",
  async (name) => {
    const { promise, resolve } = Promise.withResolvers<Email>();
    const { port, close } = await mailServer({
      onData: (stream, _, done) =>
        void text(stream)
          .then((raw) => PostalMime.parse(raw))
          .then(resolve)
          .then(() => done()),
    });
    const smtp = { url: hidden(`smtp://127.0.0.1:${port}`), from: `${name} <m@example.org>` };
    const sender = emailSender({ smtp, to: ["office@example.org"] });
    await sender.send(outgoing, never);
    sender.close();
    const { from } = await promise;
    await close();
    expect(from).toEqual({ name, address: "m@example.org" });
  },
);

async function mailServer(options: SMTPServerOptions) {
  const server = new SMTPServer({
    ...{ disabledCommands: ["STARTTLS", "AUTH"], authOptional: true, logger: false },
    ...options,
  });
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  // The cast: it listens on a port.
  const { port } = listening.address() as AddressInfo;
  return { port, close: () => new Promise<void>((ended) => server.close(ended)) };
}

async function disposable() {
  const sink = await playNotices();
  return { ...sink, [Symbol.asyncDispose]: sink.stop };
}
