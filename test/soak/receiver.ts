/** Somebody who is told: keeps of each message its id and what it was of. */
export function noticeReceiver() {
  const heard = new Map<string, { times: number; said: string }>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const id = request.headers.get("webhook-id") ?? "without an id";
      // When it was sent tells two of the same apart, and is no part of what they say; the cast: a webhook is an object.
      const { timestamp: _, ...what } = (await request.json()) as Record<string, unknown>;
      heard.set(id, { times: (heard.get(id)?.times ?? 0) + 1, said: JSON.stringify(what) });
      return new Response(null, { status: 204 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/`,
    messages: () => heard.size,
    ids: (): ReadonlySet<string> => new Set(heard.keys()),
    /** Sent again after a restart, under the same id: who looks at ids has it once. */
    sentAgain: () => [...heard.values()].filter(({ times }) => times > 1).length,
    /** Under another id, which nobody could tell apart. */
    toldTwice() {
      const all = [...heard.values()].map(({ said }) => said);
      return all.length - new Set(all).size;
    },
    stop: () => server.stop(true),
  };
}
