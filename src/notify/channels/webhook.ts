/** Plain webhooks as Standard Webhooks has them, so that any of its libraries can check them. */
import { createHmac } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import type { Hidden } from "../settings.ts";
import type { Outgoing, Sender } from "./outgoing.ts";
import { post } from "./post.ts";

export interface WebhookOptions {
  url: Hidden;
  keys: readonly Hidden[];
  clock: Pick<Clock, "now">;
}

export const webhookSender = ({ url, keys, clock }: WebhookOptions): Sender => ({
  send(outgoing, signal) {
    const body = JSON.stringify(webhookBody(outgoing));
    const signed = { id: outgoing.id, at: clock.now(), body };
    return post(url.reveal(), body, signedHeaders(signed, keys), signal);
  },
  close() {},
});

const webhookBody = ({ type, at, data }: Outgoing) => ({ type, timestamp: at.toISOString(), data });

/** One signature for each key, with spaces between: while keys are rotated both are good. */
export function signedHeaders(
  { id, at, body }: { id: string; at: Date; body: string },
  keys: readonly Hidden[],
) {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signatures = keys.map((key) => {
    const secret = Buffer.from(key.reveal().replace(/^whsec_/, ""), "base64");
    return `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
