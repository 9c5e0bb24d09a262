import { say } from "./load.ts";
import { memoryOf, partsOf } from "./process-memory.ts";
import { idOf } from "./reads-kinds.ts";

const AT_ONCE = 20;
const LOOK_MS = 20;
const LONGEST_MS = 120_000;
/** A workbook has no more rows than that. */
const MOST_ROWS = 5_000;

interface Served {
  http: string;
  pid: number;
}

/** Workbooks that are asked for at one time: what the service's processes take together meanwhile, beside before. */
export async function workbooksAtOnce(
  { http, pid }: Served,
  { types, headers }: { types: number; headers: Record<string, string> },
) {
  const ids = Array.from({ length: Math.floor(MOST_ROWS / types) }, (_, n) => idOf(n));
  const url = `${http}/api/ticket-types?format=xlsx&eventId=${ids.join()}`;
  let toldToWait = 0;
  // As whoever waits for one would: told to come again, it does.
  const ask = async (): Promise<number> => {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(LONGEST_MS) });
    const { byteLength } = await answer.arrayBuffer();
    if (answer.ok) return byteLength;
    if (answer.status !== 503) return 0;
    toldToWait += 1;
    await Bun.sleep(1_000 * Number(answer.headers.get("retry-after") ?? 1));
    return ask();
  };
  // The first loads the package.
  await ask();
  await Bun.sleep(3_000);
  const before = await togetherMb(pid);
  let most = before;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, await togetherMb(pid));
      await Bun.sleep(LOOK_MS);
    }
  })();
  const startedAt = performance.now();
  const sizes = await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const seconds = (performance.now() - startedAt) / 1_000;
  isOver = true;
  await watching;
  await Bun.sleep(10_000);
  const after = await togetherMb(pid);
  const failed = sizes.filter((size) => size === 0).length;
  const rows = ids.length * types;
  say(
    `  ${AT_ONCE} workbooks of ${rows} rows at once: ${seconds.toFixed(1)} s, ${failed} failed, ${toldToWait} times told to come again; memory ${before.toFixed(0)} MB before, ${(most - before).toFixed(0)} more at most, ${(after - before).toFixed(0)} more ten seconds later`,
  );
}

/** Pages that several processes have are counted once. */
async function togetherMb(pid: number): Promise<number> {
  const parts = await partsOf(pid);
  const sizes = await Promise.all(parts.map((part) => memoryOf(part.pid)));
  return sizes.reduce((sum, size) => sum + (size?.pss ?? 0), 0);
}
