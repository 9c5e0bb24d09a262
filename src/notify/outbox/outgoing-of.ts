import { noticeData, type Outgoing } from "../channels/outgoing.ts";
import { digestText, digestTitle } from "../digest/digest-text.ts";
import { messageOf } from "../notices/words.ts";
import type { WaitingNotice } from "./outbox.ts";

/** What is sent of what was kept. */
export function outgoingOf(waiting: WaitingNotice, page?: string): Outgoing {
  const { messageId: id, madeAt: at, content } = waiting;
  if (content.type === "digest") {
    const { digest } = content;
    const message = { title: digestTitle(digest), lines: [], link: page ?? null };
    return {
      id,
      at,
      message,
      type: "digest",
      data: digest,
      text: digestText(digest),
      html: async () => (await import("../digest/digest-html.ts")).digestHtml(digest, message.link),
    };
  }
  const message = messageOf(content.notice, page);
  const data = noticeData(content.notice, message);
  return { id, at, message, type: `notice.${content.notice.kind}`, data };
}

/** For who wants to know whether a channel works. */
export function testOutgoing(id: string, at: Date, channel: string): Outgoing {
  const message = {
    title: "A test of vivenu-event-monitor",
    lines: [`The channel ${channel} works.`],
    link: null,
  };
  return { id, at, message, type: "test", data: { channel } };
}
