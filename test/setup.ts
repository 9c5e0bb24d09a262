import { afterAll, beforeAll } from "bun:test";
import { startServer } from "./server.ts";

let server: Awaited<ReturnType<typeof startServer>> | undefined;

beforeAll(async () => {
  server = await startServer();
}, 120_000);

afterAll(async () => {
  await server?.stop();
}, 60_000);
