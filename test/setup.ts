import { afterAll, beforeAll } from "bun:test";
import { useServer } from "./database.ts";
import { SERVER_VARIABLE, startServer } from "./server.ts";

let server: Awaited<ReturnType<typeof startServer>> | undefined;

beforeAll(async () => {
  const shared = process.env[SERVER_VARIABLE];
  if (shared) useServer(new URL(shared));
  else server = await startServer();
}, 120_000);

afterAll(async () => {
  await server?.stop();
}, 60_000);
