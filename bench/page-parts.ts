import type { Browser, CDPSession, Page } from "playwright-core";
import { DESKTOP, visit } from "../test/browser/visit.ts";
import { say } from "./load.ts";
import { API_KEY } from "./reads-season.ts";

const KB = 1_024;
const headers = { "x-api-key": API_KEY };
/** As much as a phone has where people wait in line: 1.6 Mbit/s, 150 ms, a quarter of this CPU. */
const SLOW = {
  offline: false,
  downloadThroughput: 200_000,
  uploadThroughput: 94_000,
  latency: 150,
};
const SLOW_CPU = 4;

/** As they are sent: what a browser like Chromium is given. */
export async function sizes({ url }: { url: string }, eventPath: string) {
  say("\nbytes as sent (held to)");
  const sent = async (path: string) => {
    const answer = await fetch(url + path, {
      headers: {
        ...headers,
        accept: "text/html,*/*",
        "accept-encoding": "gzip, deflate, br, zstd",
      },
      decompress: false,
    });
    const bytes = (await answer.arrayBuffer()).byteLength;
    return { bytes, encoding: answer.headers.get("content-encoding") ?? "plain" };
  };
  const html = await (
    await fetch(`${url}/`, { headers: { ...headers, accept: "text/html" } })
  ).text();
  const asset = (ending: string) =>
    new RegExp(`"(/assets/[^"]+\\.${ending})"`).exec(html)?.[1] ?? "";
  for (const [name, path, most] of [
    ["events", "/", 40],
    ["event", eventPath, 50],
    ["script", asset("js"), 12],
    ["styles", asset("css"), 6],
  ] as const) {
    const { bytes, encoding } = await sent(path);
    say(`  ${name.padEnd(8)} ${(bytes / KB).toFixed(1)} KB ${encoding} (${most} KB)`);
  }
}

/** What Chromium says of itself, from before the page's first byte. */
const OBSERVE = `window.seen = { lcp: 0, cls: 0, inp: 0 };
  const watch = (type, take, more) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
  watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
  watch("event", (entry) => { if (entry.interactionId) seen.inp = Math.max(seen.inp, entry.duration); }, { durationThreshold: 16 });`;

export async function firstSight(
  browser: Browser,
  { url }: { url: string },
  paths: readonly string[],
): Promise<[path: string, lcp: number][]> {
  const seen: [string, number][] = [];
  say("\nfirst sight at 1.6 Mbit/s, 150 ms and a quarter of this CPU (held to)");
  for (const path of paths) {
    await using visitor = await visit(browser, url, { headers, size: DESKTOP });
    const { page, context } = visitor;
    await context.addInitScript(OBSERVE);
    const cdp: CDPSession = await context.newCDPSession(page);
    await cdp.send("Network.enable");
    await cdp.send("Network.emulateNetworkConditions", SLOW);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOW_CPU });
    await page.goto(path);
    await live(page);
    for (const key of ["j", "j", "k", "?", "Escape", "j"]) await page.keyboard.press(key);
    const { lcp, cls, inp } = await page.evaluate<Record<"lcp" | "cls" | "inp", number>>("seen");
    say(
      `  ${path === "/" ? "events" : "event "} LCP ${lcp.toFixed(0)} ms (1,200), CLS ${cls.toFixed(3)} (0.02), INP ${inp.toFixed(0)} ms (100)`,
    );
    seen.push([path, lcp]);
  }
  return seen;
}

export const live = (page: Page) =>
  page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });
