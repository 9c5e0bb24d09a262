/** Somebody who is told: keeps of each message its id and what it was of. */
export function noticeReceiver() {
  const heard = new Map<string, { times: number; sources: string }>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const id = request.headers.get("webhook-id") ?? "without an id";
      const body = JSON.stringify(await request.json());
      heard.set(id, { times: (heard.get(id)?.times ?? 0) + 1, sources: body });
      return new Response(null, { status: 204 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/`,
    messages: () => heard.size,
    /** Sent again after a restart, under the same id: who looks at ids has it once. */
    sentAgain: () => [...heard.values()].filter(({ times }) => times > 1).length,
    /** Under another id, which nobody could tell apart. */
    toldTwice() {
      const bodies = [...heard.values()].map(({ sources }) => sources);
      return bodies.length - new Set(bodies).size;
    },
    stop: () => server.stop(true),
  };
}
