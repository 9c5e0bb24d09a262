import type { Transporter } from "nodemailer";
import { whileAwaited } from "../../lib/abort.ts";
import { Failure } from "../../lib/failure.ts";
import { TookTooLong, within } from "../../lib/time-limit.ts";
import type { Hidden } from "../settings.ts";
import type { Sender } from "./outgoing.ts";

const LIMIT_MS = 15_000;
/** Of a whole message: a server that says a little now and then is never silent for long. */
const MESSAGE_MS = 60_000;

export interface EmailOptions {
  smtp: { url: Hidden; from: string };
  to: readonly string[];
  limitMs?: number;
}

/** E-mail by SMTP, over TLS wherever it leaves this machine. The package is loaded when it is first needed. */
export function emailSender({ smtp, to, limitMs = MESSAGE_MS }: EmailOptions): Sender {
  let opening: Promise<Transporter> | undefined;
  return {
    async send({ id, message, text, html }, signal) {
      opening ??= open(smtp.url);
      const transport = await opening;
      const { title, lines, link } = message;
      const sending = transport.sendMail({
        from: senderOf(smtp.from),
        to: [...to],
        subject: title,
        text: text ?? [...lines, ...(link === null ? [] : ["", link])].join("\n"),
        html: html ? await html() : (await import("./email-html.ts")).emailHtml(message),
        // The same at every try, by which mailboxes know what they have.
        messageId: `<${id}@vivenu-event-monitor>`,
        headers: { "Auto-Submitted": "auto-generated" },
      });
      const sent = await within(limitMs, () => whileAwaited(sending, signal)).catch(
        (error: unknown) => {
          throw error instanceof TookTooLong
            ? new Failure("unavailable", `the mail server took longer than ${limitMs / 1_000} s`)
            : failureOf(error);
        },
      );
      // Where some of several receivers are taken it does not fail; who configures has one in each channel.
      if (sent.rejected?.length)
        throw new Failure("unavailable", "the mail server did not take it for all its receivers");
    },
    close() {
      void opening?.then((transport) => transport.close()).catch(() => {});
    },
  };
}

/** Greets the mail server and signs in as who sends does; nothing is sent to anybody. */
export async function tryMailServer(url: Hidden, signal: AbortSignal): Promise<void> {
  const transport = await open(url);
  try {
    await whileAwaited(transport.verify(), signal);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code, responseCode } = Object(error) as { code?: unknown; responseCode?: unknown };
    const answer = typeof responseCode === "number" ? ` ${responseCode}` : "";
    if (code === "EAUTH")
      throw new Failure("refused", `the mail server refuses user or password (EAUTH${answer})`);
    const reason = `${String(code ?? "no reason")}${answer}`;
    throw new Failure("unavailable", `the mail server cannot be used (${reason})`);
  } finally {
    transport.close();
  }
}

/** In one text a colon, a semicolon or a comma of the name would be read as a list of addresses. */
function senderOf(from: string) {
  const [, name, address] = /^(.+) <([^<>]+)>$/.exec(from) ?? [];
  return name === undefined || address === undefined ? from : { name, address };
}

async function open(address: Hidden): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  const { protocol, hostname, port, username, password } = new URL(address.reveal());
  const secure = protocol === "smtps:";
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return createTransport({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(isHere ? { ignoreTLS: !secure } : { requireTLS: true }),
    ...(username !== "" && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    connectionTimeout: LIMIT_MS,
    greetingTimeout: LIMIT_MS,
    socketTimeout: LIMIT_MS,
    // A text is text, and no file of this machine nor another address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** What the server said may quote addresses: its code says enough. */
function failureOf(error: unknown) {
  if (error instanceof Failure) return error;
  const { code, responseCode } = Object(error) as { code?: unknown; responseCode?: unknown };
  const answer = typeof responseCode === "number" ? ` ${responseCode}` : "";
  const reason = `the mail server did not take it (${String(code ?? "no reason")}${answer})`;
  const isItsOwn = code === "EMESSAGE" && Number(responseCode) >= 500;
  return new Failure(isItsOwn ? "malformed" : "unavailable", reason);
}
