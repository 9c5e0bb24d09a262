interface Line {
  upstream?: Promise<Bun.Socket>;
  state: { stalled: boolean };
}

/**
 * Passes bytes on to PostgreSQL until it is told to hold them back: a connection that just hangs, as
 * after the death of a host that sent no reset. `only` stalls those that are open, and new ones work.
 */
export function stallingProxy(databaseUrl: string) {
  const target = new URL(databaseUrl);
  let stalled = false;
  let isCut = false;
  const open = new Set<{ stalled: boolean }>();
  const clients = new Set<Bun.Socket<Line>>();
  const listener = Bun.listen<Line>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(client) {
        if (isCut) return void client.end();
        clients.add(client);
        const state = { stalled: false };
        open.add(state);
        const upstream = Bun.connect({
          hostname: target.hostname,
          port: Number(target.port),
          socket: {
            data: (_, bytes) => {
              if (!stalled && !state.stalled) client.write(bytes);
            },
            close: () => {
              if (!stalled && !state.stalled) client.end();
            },
          },
        });
        client.data = { upstream, state };
      },
      async data(client, bytes) {
        if (!client.data) return;
        const { upstream, state } = client.data;
        if (!stalled && !state.stalled) (await upstream)?.write(bytes);
      },
      async close(client) {
        if (!clients.delete(client)) return;
        open.delete(client.data.state);
        (await client.data.upstream)?.end();
      },
    },
  });
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(listener.port);
  return {
    url: url.href,
    openLines: () => open.size,
    /** Everything, what is opened later as well. */
    stall: () => {
      stalled = true;
    },
    /** As a server that was shut down: every connection ends, and nobody answers. */
    cut: () => {
      isCut = true;
      for (const client of clients) client.end();
    },
    recover: () => {
      stalled = false;
      isCut = false;
    },
    /** Those that are open now. */
    stallOpen: () => {
      for (const state of open) state.stalled = true;
    },
    async [Symbol.asyncDispose]() {
      listener.stop(true);
    },
  };
}
