import { connect, createServer, type Socket } from "node:net";

/** One address before several replicas, as a load balancer's: each new connection goes to where it turns. */
export async function balance(port: number) {
  let target = port;
  const lines = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      lines.add(socket);
      // One side that breaks off takes the other with it.
      socket.on("error", () => {});
      socket.on("close", () => {
        lines.delete(socket);
        (socket === client ? upstream : client).destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** Who is connected is cut off, and comes back to the other one. */
    turnTo(another: number) {
      target = another;
      for (const socket of lines) socket.destroy();
    },
    [Symbol.dispose]() {
      server.close();
      for (const socket of lines) socket.destroy();
    },
  };
}
