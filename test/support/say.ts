/** What a server answers to these bytes, sent as they are: a client of our own would put them right. */
export async function say(port: number, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const decoder = new TextDecoder();
  let heard = "";
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (socket) => void socket.write(text),
      data: (_socket, bytes) => {
        heard += decoder.decode(bytes, { stream: true });
      },
      close: () => resolve(heard),
      error: () => resolve(heard),
    },
  });
  return promise;
}
