#!/usr/bin/env node
/**
 * The program by its name: `vivenu-event-monitor doctor` is `node scripts/run.mjs src/main.ts doctor`. As
 * there, `.env.local` is read and relative paths are the checkout's, wherever it is called.
 */
process.argv.splice(2, 0, "src/main.ts");
await import("./run.mjs");
