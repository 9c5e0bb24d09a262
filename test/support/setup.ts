import { afterAll, beforeAll } from "bun:test";
import { useServer } from "./database.ts";
import { SERVER_VARIABLE, startServer } from "./server.ts";
import { compareWholeValues } from "./whole-values.ts";

compareWholeValues();

let starting: ReturnType<typeof startServer> | undefined;

/** A run of one file has a PostgreSQL of its own, if it asks for one. */
const started = async () => {
  starting ??= startServer();
  return (await starting).url;
};

const shared = process.env[SERVER_VARIABLE];
useServer(shared ? async () => new URL(shared) : started);

// Starting takes longer than a test may wait for a database.
beforeAll(async () => {
  if (!shared && /\.(db|e2e)\.test\.ts$/.test(Bun.main)) await started();
}, 120_000);

afterAll(async () => {
  await (await starting)?.stop();
}, 60_000);
