import type { Notice } from "../notices/notice.ts";
import type { Message } from "../notices/words.ts";

/** A message as it is kept, and what every channel makes of it. */
export interface Outgoing {
  /** The same at every try, so that a receiver may know that it has it. */
  id: string;
  at: Date;
  message: Message;
  /** Where it is more than its lines. */
  text?: string;
  html?: () => Promise<string>;
  /** For programs. */
  type: string;
  data: object;
}

export interface Sender {
  /** Fails with a `Failure`: `malformed` where it is the message's own fault. */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** A notice for programs: ids and values beside the words. */
export const noticeData = (
  { kind, subject, severity, eventId, eventName, region, timezone, at, items }: Notice,
  { title, lines, link }: Message,
) => ({
  kind,
  subject,
  severity,
  eventId,
  eventName,
  region,
  timezone,
  at,
  items: items.map(({ name, was, is, valueKind, currency }) => ({
    name,
    was,
    is,
    kind: valueKind,
    currency,
  })),
  title,
  lines,
  link,
});
