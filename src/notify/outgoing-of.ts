import type { WaitingNotice } from "./outbox.ts";
import { noticeData, type Outgoing } from "./outgoing.ts";
import { messageOf } from "./words.ts";

/** What is sent of what was kept. */
export function outgoingOf({ messageId, madeAt, content }: WaitingNotice, page?: string): Outgoing {
  const { notice } = content;
  const message = messageOf(notice, page);
  const data = noticeData(notice, message);
  return { id: messageId, at: madeAt, message, type: `notice.${notice.kind}`, data };
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
