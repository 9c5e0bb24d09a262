import { readFileSync } from "node:fs";
import type { Browser, CDPSession, Page } from "playwright-core";
import { launchChromium } from "../test/browser/chromium.ts";
import { DESKTOP, visit } from "../test/browser/visit.ts";
import { describeMs, say, sendAtRate } from "./load.ts";
import { signedWebhooks } from "./signed.ts";
import { API_KEY, raiseStack, type Stack } from "./stack.ts";

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

interface PageBench {
  samples: number;
  seconds: number;
  season: string;
}

/** What a page costs who opens it, and the service: each figure beside what it is held to. */
export async function pageBench({ samples, seconds, season }: PageBench) {
  const stack = await raiseStack({ SANDBOX_SEASON: season });
  const browser = await launchChromium();
  try {
    const eventPath = `/events/${stack.eventIds[0]}`;
    const answer = await fetch(`${stack.url}/api/events?limit=200`, { headers });
    const { events } = (await answer.json()) as { events: unknown[] };
    say(`the season "${season}": ${events.length} events; what is held to is meant for 100`);
    await sizes(stack, eventPath);
    await firstSight(browser, stack, ["/", eventPath]);
    await inPlace(browser, stack);
    await answers(stack, seconds);
    await changeToPixel(browser, stack, samples);
  } finally {
    await browser.close();
    await stack.stop();
  }
}

/** As they are sent: what a browser that knows brotli is given. */
async function sizes({ url }: Stack, eventPath: string) {
  say("\nbytes as sent (held to)");
  const sent = async (path: string) => {
    const answer = await fetch(url + path, {
      headers: { ...headers, accept: "text/html,*/*", "accept-encoding": "br, gzip" },
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

async function firstSight(browser: Browser, { url }: Stack, paths: readonly string[]) {
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
  }
}

const live = (page: Page) =>
  page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });

/** A hundred rows, each with another number: idiomorph as the script uses it, on this CPU. */
async function inPlace(browser: Browser, { url }: Stack) {
  await using visitor = await visit(browser, url, { headers });
  const { page } = visitor;
  await page.goto("/?sort=eventDate");
  const source = readFileSync(require.resolve("idiomorph/dist/idiomorph.js"), "utf8");
  await page.evaluate(`${source}; window.Idiomorph = Idiomorph;`);
  const ms = await page.evaluate<number[]>(`(() => {
    const main = document.querySelector("main");
    const body = main.querySelector("tbody");
    const rows = [...main.querySelectorAll("tbody tr[id]")];
    for (let more = 0; body.querySelectorAll("tr[id]").length < 100; more += 1) {
      const row = rows[more % rows.length].cloneNode(true);
      row.id += "-" + more;
      body.append(row);
    }
    const callbacks = { beforeNodeMorphed: (element, other) => !element.isEqualNode(other) };
    return Array.from({ length: 20 }, (_, index) => {
      const next = main.cloneNode(true);
      for (const cell of next.querySelectorAll("[data-field=totalSold]")) cell.textContent = String(index);
      const startedAt = performance.now();
      Idiomorph.morph(main, next, { ignoreActiveValue: true, callbacks });
      return performance.now() - startedAt;
    }).sort((a, b) => a - b);
  })()`);
  say("\n100 rows, each with another number, in place (held to 30 ms)");
  say(`  ${describeMs({ ms, failed: 0 })}`);
}

/** Beside a bare answer of the same process at the same rate. */
async function answers({ url }: Stack, seconds: number) {
  say(`\nHTML of the events at 50 a second, ${seconds} s (p99 held to 60 ms)`);
  for (const [name, path] of [
    ["events", "/"],
    ["/health", "/health"],
  ] as const) {
    const answered = await sendAtRate(50, seconds, () =>
      fetch(url + path, { headers: { ...headers, accept: "text/html" } }),
    );
    say(`  ${name.padEnd(8)} ${describeMs(answered)}`);
  }
}

/** From a signed webhook's answer to the change on the open page. */
async function changeToPixel(browser: Browser, stack: Stack, samples: number) {
  await using visitor = await visit(browser, stack.url, { headers });
  const { page } = visitor;
  await page.goto("/?sort=-eventDate");
  await live(page);
  const eventIds = [crypto.randomUUID().replaceAll("-", "").slice(0, 24)];
  const send = signedWebhooks(stack, {
    type: "event.updated",
    bytes: 2_000,
    eventIds,
    name: "pixel",
  });
  const ms: number[] = [];
  for (let index = 0; index < samples; index += 1) {
    await send(stack.url)(index);
    const startedAt = performance.now();
    await page.getByText(`HYROX pixel ${index}`, { exact: true }).first().waitFor();
    ms.push(performance.now() - startedAt);
  }
  say(`\nfrom a webhook's answer to the page, ${samples} samples (held to 1,000 ms)`);
  say(`  ${describeMs({ ms: ms.sort((a, b) => a - b), failed: 0 })}`);
}
