import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../sandbox/postgres.ts";

type Undo = () => Promise<unknown>;
const undos = new Set<Undo>();
let ending: Promise<void> | undefined;

/** Has something undone when the bench is told to stop; returns what undoes it before, once in all. */
export function atEnd(undo: Undo): Undo {
  let undone: Promise<unknown> | undefined;
  const once = () => {
    undos.delete(once);
    undone ??= undo();
    return undone;
  };
  undos.add(once);
  return once;
}

/** A process of the bench, which does not outlive it. */
export function ofBench<Child extends ChildProcess>(child: Child): Child {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = atEnd(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    else resolve();
    return promise;
  });
  child.once("exit", () => {
    resolve();
    void stop();
  });
  return child;
}

/** A PostgreSQL on a folder of its own, which is deleted when it stops. */
export async function raisePostgres() {
  const dataDir = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-bench-"));
  await chmod(dataDir, 0o755);
  const starting = startPostgres({ dataDir, port: 0 });
  const stop = atEnd(async () => {
    await (await starting).stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const { url } = await starting;
  return { url, stop };
}

/** Whoever ends a bench means all of it: a PostgreSQL that stayed would take the next bench's machine. */
export function endOnSignals() {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => {
      ending ??= undoAll();
    });
}

async function undoAll() {
  // The work goes on for a moment without what it stands on, and what it says of that is of no use.
  process.on("unhandledRejection", () => {});
  process.on("uncaughtException", () => {});
  for (const undo of [...undos].reverse()) await undo().catch(() => {});
  process.exit(1);
}

/** Runs the bench to its end, or until it was told to stop and everything is undone. */
export async function untilEnded(bench: Promise<unknown>): Promise<void> {
  try {
    await bench;
  } catch (error) {
    if (!ending) throw error;
  }
  await ending;
}
