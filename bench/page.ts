import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { launchChromium } from "../test/browser/chromium.ts";
import { visit } from "../test/browser/visit.ts";
import { describeMs, say, sendAtRate } from "./load.ts";
import { firstSight, live, sizes } from "./page-parts.ts";
import { type PageSizesOptions, pageSizes } from "./page-sizes.ts";
import { signedWebhooks } from "./signed.ts";
import { API_KEY, raiseStack, type Stack } from "./stack.ts";

const headers = { "x-api-key": API_KEY };
export interface PageBench extends PageSizesOptions {
  /** Only over seasons of these sizes, and not of one that is on sale. */
  isOfSizesAlone: boolean;
  samples: number;
  seconds: number;
  season: string;
}

/** What a page costs who opens it, and the service: each figure beside what it is held to. */
export async function pageBench({ isOfSizesAlone, samples, season, ...options }: PageBench) {
  const { seconds } = options;
  if (isOfSizesAlone || options.sizes.length > 0) {
    const browser = await launchChromium();
    try {
      await pageSizes(browser, options);
    } finally {
      await browser.close();
    }
    if (isOfSizesAlone) return;
  }
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
