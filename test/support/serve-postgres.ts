/** Starts a run's PostgreSQL, says its address in a line, and stops it when its input ends. */
import { startServer } from "./server.ts";

// A terminal's Ctrl+C reaches this as well as the run, whose end ends the input: nothing is left behind.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => {});
const server = await startServer();
process.stdout.write(`${server.url.href}\n`);
for await (const _ of Bun.stdin.stream()) {
  // Whoever started this says nothing: what counts is that the input ends, also where they were killed.
}
await server.stop();
