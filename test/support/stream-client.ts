/** One server-sent event, as the HTML standard reads it; comments are left out. */
export interface Heard {
  event: string;
  id: string;
  data: unknown;
}

/** Follows `/api/stream` as a browser would: remembers the last id, and gives events one by one. */
export async function streamClient(
  ask: (headers: Record<string, string>) => Promise<Response> | Response,
  lastId = "",
) {
  const response = await ask(lastId === "" ? {} : { "last-event-id": lastId });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const client = {
    response,
    lastId,
    /** Undefined when the stream is over. */
    async next(): Promise<Heard | undefined> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          const event = read(block);
          if (event.id !== "") client.lastId = event.id;
          if (event.data !== undefined) return event;
          continue;
        }
        const chunk = await reader?.read();
        if (!chunk || chunk.done) return undefined;
        text += chunk.value;
      }
    },
    /** The first words of a stream say where it begins, which is no event. */
    async opened() {
      while (!text.includes("\n\n")) {
        const chunk = await reader?.read();
        if (!chunk || chunk.done) return client;
        text += chunk.value;
      }
      const id = /^id: (.*)$/m.exec(text.slice(0, text.indexOf("\n\n")))?.[1];
      if (id !== undefined) client.lastId = id;
      return client;
    },
    cut: async () => void (await reader?.cancel().catch(() => {})),
  };
  return client;
}

function read(block: string): Heard {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  const data = fields.get("data");
  return {
    event: fields.get("event") ?? "message",
    id: fields.get("id") ?? "",
    data: data === undefined ? undefined : JSON.parse(data),
  };
}
