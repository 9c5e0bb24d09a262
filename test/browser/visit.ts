import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** A browser that waits for longer waits for what does not come. */
const TIMEOUT_MS = 60_000;

export interface Look {
  theme?: "light" | "dark";
  size?: { width: number; height: number };
  script?: boolean;
  touch?: boolean;
  headers?: Record<string, string>;
  /** Whoever has asked for less of it sees nothing move. */
  reducedMotion?: boolean;
}

/** What happened on pages that are closed, and was taken by nobody. */
const left: string[] = [];
export const takeLeftFaults = () => left.splice(0);

/**
 * A person's browser on the product at `url`. What nothing on a page may do is written down on every page it
 * shows: a request to another host, an error in the console, something that the page's policy refused.
 */
export async function visit(browser: Browser, url: string, look: Look = {}) {
  const { theme = "light", size = DESKTOP, script = true, touch, headers, reducedMotion } = look;
  const context = await browser.newContext({
    ...{ baseURL: url, colorScheme: theme, viewport: size, javaScriptEnabled: script },
    ...{ locale: "en-GB", timezoneId: "Europe/Berlin" },
    ...(touch && { hasTouch: true }),
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
    ...(headers && { extraHTTPHeaders: headers }),
  });
  const faults: string[] = [];
  context.on("request", (request) => {
    const asked = request.url();
    const isOwn = asked.startsWith("data:") || new URL(asked).origin === new URL(url).origin;
    if (!isOwn) faults.push(`asked another host: ${asked}`);
  });
  context.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => faults.push(`error: ${error.error().message}`));
  if (script) await context.addInitScript(TELL_VIOLATIONS);
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  return {
    page,
    context,
    /** What happened so far that may not; what was taken is not said again. */
    takeFaults: () => faults.splice(0),
    async [Symbol.asyncDispose]() {
      await context.close();
      left.push(...faults);
    },
  };
}

// What runs in the page is text: its types are a browser's, and there are none of these here.

/** Chromium says most of them in the console by itself, but nothing of what is only reported. */
const TELL_VIOLATIONS = `document.addEventListener("securitypolicyviolation", (event) =>
  console.error("refused by " + event.violatedDirective + ": " + event.blockedURI));`;

/** As browsers get it: of half the size, and so read in half the time, which is most of what a look costs. */
const AXE_SCRIPT = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What is not accessible on the page, as `rule: where`, by axe's rules: WCAG 2.2 AA and good practice. */
export async function inaccessible(page: Page): Promise<string[]> {
  // It stays as long as the document does.
  if (!(await page.evaluate<boolean>(`"axe" in window`))) await page.evaluate(AXE_SCRIPT);
  const found = await page.evaluate<AxeResults>(AXE);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

/** It would load the style sheets once more to see what they say of other widths. */
const AXE = `axe.run({ resultTypes: ["violations"], preload: false })`;

/** By how many pixels the page is wider than the window. */
export const sidewaysBy = (page: Page) =>
  page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
