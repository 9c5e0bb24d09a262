import { expect, test } from "bun:test";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startPostgres } from "./postgres.ts";

test("a server that was left over is taken when it is ready, and not while it starts", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-left-"));
  // PostgreSQL's own user enters it, where root runs the tests.
  await chmod(dataDir, 0o755);
  const left = await startPostgres({ dataDir, port: 0 });
  try {
    const pidFile = join(dataDir, "cluster", "postmaster.pid");
    const ready = await readFile(pidFile, "utf8");
    expect(ready).toContain("ready");
    await writeFile(pidFile, ready.replace("ready   ", "starting"));
    let isTaken = false;
    const taking = startPostgres({ dataDir, port: 0 }).finally(() => {
      isTaken = true;
    });
    await Bun.sleep(500);
    expect(isTaken).toBe(false);
    await writeFile(pidFile, ready);
    const taken = await taking;
    expect({ adopted: taken.adopted, url: taken.url.href }).toEqual({
      adopted: true,
      url: left.url.href,
    });
    const sql = postgres(taken.url.href, { max: 1 });
    expect(await sql`select 1 as one`).toMatchObject([{ one: 1 }]);
    await sql.end();
  } finally {
    await left.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
