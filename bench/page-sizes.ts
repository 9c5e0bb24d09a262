import type { Browser } from "playwright-core";
import { cpuSecondsOf } from "./cpu.ts";
import { describeMs, percentile, say, sendAtRate } from "./load.ts";
import { firstSight, sizes } from "./page-parts.ts";
import { memoryOf, partsOf } from "./process-memory.ts";
import { idOf } from "./reads-kinds.ts";
import { API_KEY, playSeason } from "./reads-season.ts";
import { raise, replayAgain } from "./season-service.ts";

/** As many as may be open, by default. */
const STREAMS = 200;
const FIRST_STREAMS = 5;
const STREAMS_MS = 20_000;
const A_SECOND = 50;
const headers = { "x-api-key": API_KEY };

export interface PageSizesOptions {
  sizes: readonly (readonly [events: number, types: number])[];
  seconds: number;
}

/** The page over seasons of several sizes, while the log is replayed: what is slower with more of it, and by how much. */
export async function pageSizes(browser: Browser, options: PageSizesOptions) {
  const seen = new Map<string, number[]>();
  const note = (name: string, value: number) => seen.set(name, [...(seen.get(name) ?? []), value]);
  for (const [events, types] of options.sizes) {
    say(`\n${events} events of ${types} ticket types`);
    await using season = await playSeason(events, types);
    await using service = await raise(season, ".", { changes: 0 }, events);
    const { http: url, pid } = service;
    const eventPath = `/events/${idOf(Math.floor(events / 2))}`;
    await sizes({ url }, eventPath);
    for (const [path, ms] of await firstSight(browser, { url }, ["/", eventPath])) {
      const what = path.endsWith(" INP") ? "INP" : "LCP";
      note(`${what} of ${/^\/( |$)/.test(path) ? "the events" : "an event"}`, ms);
    }
    await streams(url, pid);
    let views = 0;
    const html = async (when: string) => {
      say(`\nHTML at ${A_SECOND} a second, ${options.seconds} s, ${when}`);
      for (const [name, path] of [
        // What the service does by itself, and a bare answer.
        ["/health", () => "/health"],
        ["events", () => "/"],
        // Each is a page that nobody has asked for.
        ["events made anew", () => `/?percentSoldMin=0.${String(++views).padStart(6, "0")}`],
        ["an event", (n: number) => `/events/${idOf((n * 37) % events)}`],
      ] as const) {
        const before = cpuSecondsOf(pid);
        const answered = await sendAtRate(A_SECOND, options.seconds, (n) =>
          fetch(url + path(n), { headers: { ...headers, accept: "text/html" } }),
        );
        const after = cpuSecondsOf(pid);
        if (before === undefined || after === undefined)
          throw new Error("the service ended while it was measured");
        const cpu = ((after - before) * 1_000) / answered.ms.length;
        note(`p50 of ${name}, ${when}`, percentile(answered.ms, 0.5));
        note(`CPU of ${name}, ${when}`, cpu);
        say(`  ${name.padEnd(17)} ${describeMs(answered)}, ${cpu.toFixed(1)} ms of CPU each`);
      }
    };
    await html("nothing beside");
    const replaying = replayAgain(season, ".", service.url);
    await html("while the log is replayed (p99 held to 60 ms)");
    await replaying.stop();
  }
  say("");
  for (const [name, [first, ...others]] of seen)
    for (const other of others)
      if (first) say(`${name}: ${(other / first).toFixed(2)} times that of the first size (1.5)`);
}

/** What the service's processes take together for open pages on which nothing happens. */
async function streams(url: string, pid: number) {
  const together = async () => {
    const parts = await partsOf(pid);
    const sizes = await Promise.all(parts.map((part) => memoryOf(part.pid)));
    return sizes.reduce((sum, size) => sum + (size?.pss ?? 0), 0);
  };
  const leave = new AbortController();
  const open = async () => {
    const answer = await fetch(`${url}/api/stream`, { headers, signal: leave.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    return { status: answer.status, reader };
  };
  // The first few compile the code.
  const first = await Promise.all(Array.from({ length: FIRST_STREAMS }, open));
  await Bun.sleep(3_000);
  // What the service's own work takes meanwhile is no stream's.
  const atFirst = await together();
  await Bun.sleep(STREAMS_MS);
  const before = await together();
  const opened = await Promise.all(Array.from({ length: STREAMS - FIRST_STREAMS }, open));
  await Bun.sleep(STREAMS_MS);
  const after = await together();
  const failed = opened.filter(({ status }) => status !== 200).length;
  say(
    `\n${STREAMS} open streams, ${failed} failed: ${(after - before).toFixed(1)} MB more after 20 s (20 MB); ${(before - atFirst).toFixed(1)} in as long before`,
  );
  leave.abort();
  for (const { reader } of [...first, ...opened]) await reader?.cancel().catch(() => {});
}
