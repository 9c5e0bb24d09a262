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
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
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
    const { lcp, cls } = await page.evaluate<Record<"lcp" | "cls", number>>("seen");
    say(
      `  ${path === "/" ? "events" : "event "} LCP ${lcp.toFixed(0)} ms (1,200), CLS ${cls.toFixed(3)} (0.02)`,
    );
    const paints = await interactions(page, path === "/" ? ofEvents : ofEvent);
    const [slowest, inp] = paints.toSorted(([, one], [, other]) => other - one)[0] ?? ["", 0];
    say(
      `         INP ${inp} ms (100): ${slowest}; of ${paints.length} others the median ${median(paints)} ms`,
    );
    seen.push([path, lcp], [`${path} INP`, inp]);
  }
  return seen;
}

type Interaction = [name: string, act: (page: Page) => Promise<unknown>];

const press = (...keys: string[]): Interaction[] =>
  keys.map((key) => [`the key ${key}`, (page) => page.keyboard.press(key)]);

/** A season may have none of it, as launches. */
const click = (name: string, selector: string): Interaction => [
  name,
  async (page) => {
    const found = page.locator(selector).first();
    if ((await found.count()) > 0) await found.click();
  },
];

/** Whatever can be done on the view without leaving it. */
const ofEvents: Interaction[] = [
  ...press("j", "j", "k", "?", "Escape", "/", "b", "Tab"),
  click("opening the range of percents", ".filter details.range > summary"),
  click("leaving it", ".filter details.range > summary"),
  click("the ribbon as a table", "figure details > summary"),
  click("the moment", "details.when > summary"),
  ["the slider of days", (page) => page.locator("#when-days").focus()],
  ...press("ArrowLeft", "ArrowRight"),
  ["a region", (page) => page.locator("select[name=region]").selectOption({ index: 1 })],
  ["all regions", (page) => page.locator("select[name=region]").selectOption({ index: 0 })],
];

const ofEvent: Interaction[] = [
  ...press("j", "?", "Escape"),
  ["the chart", (page) => page.locator(".chart-picture").first().focus()],
  ...press("ArrowLeft", "ArrowLeft", "Home", "End"),
  click("the chart by pointer", ".chart-picture"),
  click("the curve as a table", "figure details > summary"),
  click("every ticket type", "#types > summary"),
  click("all of it away", "#types > summary"),
];

/** From each to the paint that shows it, in milliseconds, as Chromium tells it: whole eights. */
async function interactions(page: Page, all: readonly Interaction[]): Promise<[string, number][]> {
  const paints: [string, number][] = [];
  for (const [name, act] of all) {
    await page.evaluate("seen.inp = 0");
    await act(page);
    // It is told after the paint, and what a change fetches is shown by then.
    await page.waitForTimeout(1_000);
    paints.push([name, await page.evaluate<number>("seen.inp")]);
  }
  return paints;
}

function median(paints: readonly [string, number][]): number {
  const sorted = paints.map(([, ms]) => ms).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export const live = (page: Page) =>
  page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });
