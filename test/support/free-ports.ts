/** The first of five ports in a row that nobody listens at. */
export function freePorts(): number {
  const port = 20_000 + Math.floor(Math.random() * 2_400) * 5;
  const held: { stop(): void }[] = [];
  try {
    for (let n = 0; n < 5; n += 1)
      held.push(Bun.listen({ hostname: "127.0.0.1", port: port + n, socket: { data() {} } }));
    return port;
  } catch {
    return freePorts();
  } finally {
    for (const one of held) one.stop();
  }
}
