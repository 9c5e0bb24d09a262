import { expect, test } from "bun:test";
import { messageOf } from "./failure.ts";

test("what is said of a broken connection has no advice for whoever wrote the program", async () => {
  const cut = await Bun.listen({
    ...{ hostname: "127.0.0.1", port: 0 },
    socket: { data: (socket) => void socket.terminate() },
  });
  const error = await fetch(`http://127.0.0.1:${cut.port}/`).catch((thrown: unknown) => thrown);
  cut.stop(true);
  expect(messageOf(error)).toMatch(/closed unexpectedly\.$/);
  expect(messageOf("no error at all")).toBe("no error at all");
});
