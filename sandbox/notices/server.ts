/**
 * Who is told: an incoming webhook as Slack has it, a receiver of Standard Webhooks, and a mail server. It
 * keeps what it takes until it ends, and shows it on a page.
 */
import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import type { Played } from "../played.ts";
import { playMail } from "./mail.ts";
import { noticesPage } from "./page.ts";
import { type Received, receivedList } from "./received.ts";

export interface NoticesOptions {
  port?: number;
  now?: () => Date;
}

export interface PlayedNotices extends Played {
  slackUrl: string;
  webhookUrl: string;
  /** The webhooks' key. */
  key: string;
  smtpUrl: string;
  received(): readonly Received[];
  /** The status that a channel answers with instead, until it is set anew. */
  fail(faults: Faults): void;
}

type Faults = Partial<Record<Received["by"], number>> & {
  /** Addresses that the mail server takes nothing for. */
  refused?: string[];
};

/** Slack takes no more. */
const LONGEST = 40_000;

export async function playNotices({
  port = 0,
  now = () => new Date(),
}: NoticesOptions = {}): Promise<PlayedNotices> {
  const received = receivedList();
  const key = `whsec_${randomBytes(32).toString("base64")}`;
  // Whoever knows the address may write there, so nobody can guess it.
  const secretPath = `/services/T0SANDBOX/B0SANDBOX/${randomBytes(12).toString("hex")}`;
  let faults: Faults = {};
  const app = new Hono();

  app.post(secretPath, async (c) => {
    if (faults.slack !== undefined) return failed(faults.slack);
    const body: unknown = await c.req.json().catch(() => undefined);
    const text = typeof body === "object" && body && "text" in body ? body.text : undefined;
    if (typeof body !== "object" || body === null) return c.text("invalid_payload", 400);
    if (typeof text !== "string" || text === "") return c.text("no_text", 400);
    if (text.length > LONGEST) return c.text("msg_too_long", 400);
    const words = unescaped(text);
    const [title = ""] = words.split("\n", 1);
    const rest = words.slice(title.length + 1);
    const at = now().toISOString();
    received.add({ at, by: "slack", id: null, title, text: rest, html: null, to: [] });
    return c.text("ok");
  });

  app.post("/webhook", async (c) => {
    if (faults.webhook !== undefined) return failed(faults.webhook);
    const body = await c.req.text();
    const headers = Object.fromEntries(c.req.raw.headers);
    try {
      new Webhook(key).verify(body, headers);
    } catch (error) {
      if (error instanceof WebhookVerificationError) return c.text(error.message, 401);
      throw error;
    }
    // The cast: the sink takes whatever is signed.
    const { type = "", data = {} } = JSON.parse(body) as { type?: string; data?: object };
    received.add({
      ...{ at: now().toISOString(), by: "webhook", id: headers["webhook-id"] ?? null, title: type },
      ...{ text: JSON.stringify(data, null, 2), html: null, to: [] },
    });
    return c.body(null, 204);
  });

  app.get("/notices", (c) => c.html(noticesPage(received.read())));
  app.get("/sandbox/received", (c) => c.json(received.read()));
  app.put("/sandbox/faults", async (c) => {
    // The cast: whatever is no number strikes nobody.
    faults = (await c.req.json()) as Faults;
    return c.json(faults);
  });

  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: app.fetch });
  const mail = await playMail({
    ...{ received, now, refusal: () => faults.email },
    isRefused: (address) => faults.refused?.includes(address) === true,
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    ...{ url, key, slackUrl: url + secretPath, webhookUrl: `${url}/webhook`, smtpUrl: mail.url },
    received: received.read,
    fail(wanted) {
      faults = wanted;
    },
    async stop() {
      await server.stop(true);
      await mail.stop();
    },
  };
}

const failed = (status: number) => new Response("a fault of the sandbox", { status });

/** As Slack shows it. */
const unescaped = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
