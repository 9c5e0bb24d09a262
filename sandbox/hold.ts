import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PATIENCE_MS = 20_000;
const LOOK_MS = 200;

/**
 * One sandbox a data directory. One whose starter was killed is on its way out: it is waited for, so
 * that it does not stop the PostgreSQL that the new one has just adopted. Returns how to let go.
 */
export async function holdFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "sandbox.pid");
  for (let waited = 0; ; waited += LOOK_MS) {
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    if (!holder || holder === process.pid || !(await isSandbox(holder))) break;
    if (waited >= PATIENCE_MS)
      throw new Error(
        `${folder} is in use by another copy (process ${holder}): stop it, or set DATA_DIR, PORT and SANDBOX_PORT`,
      );
    await Bun.sleep(LOOK_MS);
  }
  await writeFile(path, String(process.pid));
  return () => rm(path, { force: true });
}

/** Alive, and a sandbox: after a restart of the machine the number may be anybody's. */
async function isSandbox(pid: number) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "sandbox/main.ts");
  return command.includes("sandbox/main.ts");
}
