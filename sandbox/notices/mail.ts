import { text } from "node:stream/consumers";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { ReceivedList } from "./received.ts";

export interface MailOptions {
  received: ReceivedList;
  now: () => Date;
  /** What it answers instead, as 451 or 550; undefined takes it. */
  refusal: () => number | undefined;
  /** Of an address that it takes nothing for: 550. */
  isRefused: (address: string) => boolean;
}

/** A mail server of this machine alone: no TLS, no user, and nothing is sent on. */
export async function playMail({ received, now, refusal, isRefused }: MailOptions) {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    logger: false,
    onRcptTo({ address }, _, taken) {
      if (!isRefused(address)) return taken();
      taken(Object.assign(new Error("a fault of the sandbox"), { responseCode: 550 }));
    },
    onData(stream, session, taken) {
      const keep = async () => {
        const source = await text(stream);
        const code = refusal();
        if (code !== undefined)
          throw Object.assign(new Error("a fault of the sandbox"), { responseCode: code });
        const mail = await PostalMime.parse(source);
        received.add({
          ...{ at: now().toISOString(), by: "email", id: mail.messageId ?? null },
          ...{ title: mail.subject ?? "", text: mail.text ?? "", html: mail.html ?? null },
          to: session.envelope.rcptTo.map(({ address }) => address),
        });
      };
      keep().then(
        () => taken(),
        (error: unknown) => taken(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", reject);
  const listening = server.listen(0, "127.0.0.1", () => resolve());
  await promise;
  const address = listening.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `smtp://127.0.0.1:${port}`,
    stop: () => new Promise<void>((ended) => void server.close(() => ended())),
  };
}
