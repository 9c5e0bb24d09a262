/** One message as its receiver has it; names in it are anybody's. */
export interface Received {
  at: string;
  by: "slack" | "webhook" | "email";
  /** By which a receiver knows a message that it has already; Slack knows none. */
  id: string | null;
  title: string;
  text: string;
  /** An e-mail's. */
  html: string | null;
  to: string[];
}

const MOST = 500;

/** What was received, in its order: the newest so many. */
export function receivedList() {
  const all: Received[] = [];
  return {
    add(one: Received) {
      all.push(one);
      if (all.length > MOST) all.shift();
    },
    read: (): readonly Received[] => all,
  };
}

export type ReceivedList = ReturnType<typeof receivedList>;
