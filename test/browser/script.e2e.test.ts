import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { brotliCompressSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { buildScript } from "../../src/page/script.ts";
import { until } from "../support/stage.ts";
import { launchChromium } from "./chromium.ts";
import { playPage } from "./played-page.ts";
import { inaccessible, type Look, takeLeftFaults, visit } from "./visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

afterEach(() => expect(takeLeftFaults()).toEqual([]));

async function opened(path = "/", look: Look = {}) {
  const played = await playPage();
  const visitor = await visit(browser, played.url, { size: { width: 900, height: 400 }, ...look });
  await visitor.page.goto(path);
  await visitor.page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });
  // Whose zone is new asks once more, for a page by its clock.
  await until(async () => played.asked.filter((asked) => asked === "/").length > 1, {
    ...{ withinMs: 10_000, what: "the page by the reader's clock" },
  });
  return {
    ...played,
    ...visitor,
    munich: visitor.page.locator("#event-munich [data-field=totalSold]"),
    async [Symbol.asyncDispose]() {
      await visitor[Symbol.asyncDispose]();
      await played.stop();
    },
  };
}

/** A tint is gone after two seconds: what had one is written down as it gets it. */
const REMEMBER_TINTS = `window.tinted = [];
  new MutationObserver((all) => {
    for (const { target } of all)
      if (target.classList.contains("is-changed")) window.tinted.push(target.textContent);
  }).observe(document.querySelector("main"), { subtree: true, attributeFilter: ["class"] });`;

const isReloaded = "window.wasHere !== true";

test("a number becomes otherwise in place: focus, selection, scroll and what was opened stay", async () => {
  await using at = await opened();
  const { page, munich, numbers } = at;
  await page.evaluate("window.wasHere = true");
  await page.evaluate(REMEMBER_TINTS);
  await page.locator("summary").click();
  await page.locator("#note").fill("mine");
  await page.locator("#note").selectText();
  await page.evaluate("scrollTo(0, 300)");
  numbers.munich = 101;
  // Time alone changes no event.
  numbers.minutes += 1;
  at.tell();
  await munich.filter({ hasText: "101" }).waitFor();
  expect(await page.evaluate("window.tinted")).toEqual(["101"]);
  expect(await page.locator("#said").textContent()).toBe("1 event changed");
  expect(await page.locator("#note").evaluate((input) => input.matches(":focus"))).toBe(true);
  expect(await page.evaluate("getSelection().toString()")).toBe("mine");
  expect(await page.evaluate("scrollY")).toBe(300);
  expect(await page.locator("details").getAttribute("open")).toBe("");
  expect(await page.evaluate(isReloaded)).toBe(false);
});

test("what is folded is laid out before anybody opens it, after news as well", async () => {
  await using at = await opened();
  const { page, munich, numbers } = at;
  await page.evaluate(HAVING_IDLED);
  expect(await styledBy(page, () => page.locator("summary").click())).toBeLessThan(100);
  await page.locator("summary").click();
  await page.evaluate(`document.querySelector("details p").style.fontSize = "20px"`);
  numbers.munich = 101;
  at.tell();
  await munich.filter({ hasText: "101" }).waitFor();
  await page.evaluate(HAVING_IDLED);
  expect(await styledBy(page, () => page.locator("summary").click())).toBeLessThan(100);
});

/** Idle callbacks run in their order. */
const HAVING_IDLED = "new Promise((resolve) => requestIdleCallback(() => resolve()))";

/** Of how many elements an act has the style worked out. */
async function styledBy(page: Page, act: () => Promise<unknown>): Promise<number> {
  const styled = (await tracedBy(page, act)).filter(({ name }) => name === "UpdateLayoutTree");
  return styled.reduce((sum, { args }) => sum + (args.elementCount ?? 0), 0);
}

/** What the browser does for an act, as Chromium tells of it. */
async function tracedBy(page: Page, act: () => Promise<unknown>): Promise<TraceEvent[]> {
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  await act();
  await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))");
  const trace = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  return trace.traceEvents;
}

interface TraceEvent {
  name: string;
  args: { elementCount?: number };
}

test("whoever has asked for less movement sees no tint", async () => {
  await using at = await opened("/", { reducedMotion: true });
  await at.page.evaluate(REMEMBER_TINTS);
  at.numbers.munich = 101;
  at.tell();
  await at.munich.filter({ hasText: "101" }).waitFor();
  expect(await at.page.evaluate("window.tinted")).toEqual([]);
});

test("a page that hears nothing any more says since when, keeps what it shows, and is live again by itself", async () => {
  await using at = await opened();
  const { page, munich } = at;
  const said = page.locator("[data-live]");
  at.turn(true);
  await said
    .filter({ hasText: /^Not live since \d\d:\d\d, (trying again|looks every 30 s)$/ })
    .waitFor();
  expect(await munich.textContent()).toBe("100");
  at.numbers.munich = 102;
  at.turn(false);
  // After some tries it looks every half minute: that many there were on a machine that is busy.
  await munich.filter({ hasText: "102" }).waitFor({ timeout: 70_000 });
  await said.filter({ hasText: "Live, counted 4 min ago" }).waitFor();
  // The browser says itself what it was answered meanwhile.
  expect(at.takeFaults().filter((fault) => !/503|Failed to load|ERR_/.test(fault))).toEqual([]);
});

test("a page that nothing gets through to any more says so, though no connection ends, and is live again by itself", async () => {
  await using at = await opened();
  const { page } = at;
  await page.clock.install();
  await page.reload();
  await page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });
  const release = at.hold();
  const standing = page.locator("[data-live]");
  const isSaid = async (said: string) => {
    await page.clock.runFor(10_000);
    return (await standing.getAttribute("data-live")) === said;
  };
  const options = { withinMs: 30_000, what: "a page that says how live it is" };
  await until(() => isSaid("broken"), options);
  expect(await standing.textContent()).toStartWith("Not live since");
  at.numbers.munich = 105;
  release();
  await until(() => isSaid("live"), options);
  expect(await at.munich.textContent()).toBe("105");
});

test("a page whose browser loses its network says so at once, and is live again as soon as it is back", async () => {
  await using at = await opened();
  const { page, context } = at;
  await context.setOffline(true);
  await page.locator("[data-live=broken]").waitFor();
  at.numbers.munich = 110;
  await context.setOffline(false);
  await page.locator("[data-live=live]").waitFor();
  await at.munich.filter({ hasText: "110" }).waitFor();
  expect(at.takeFaults().filter((fault) => !/ERR_INTERNET_DISCONNECTED/.test(fault))).toEqual([]);
});

test("a page on a machine that slept follows by a connection of its own again", async () => {
  await using at = await opened();
  const { page, asked } = at;
  await page.clock.install();
  await page.reload();
  await page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });
  const streams = () => asked.filter((path) => path === "/api/stream").length;
  const before = streams();
  await page.clock.fastForward(3_600_000);
  await until(async () => streams() > before, { withinMs: 10_000, what: "another stream" });
  await until(async () => at.streams() === 1, { withinMs: 10_000, what: "the old one's end" });
});

test("news that come while a slow answer is on its way do not end the waiting for it", async () => {
  await using at = await opened();
  const { page, asked, munich } = at;
  const answered = () => page.evaluate("fetch('/assets/icon.svg')");
  await page.clock.install();
  const release = at.hold();
  const before = asked.length;
  at.tell();
  await until(
    async () => {
      await page.clock.runFor(200);
      return asked.slice(before).includes("/");
    },
    { withinMs: 10_000, what: "a page that is asked for" },
  );
  at.numbers.munich = 106;
  at.tell();
  await answered();
  await page.clock.runFor(1_000);
  await answered();
  expect(asked.slice(before).filter((path) => path === "/").length).toBe(1);
  release();
  await munich.filter({ hasText: "106" }).waitFor();
});

test("a page of an earlier version of the service is loaded anew, when it disturbs nobody and once a minute at most", async () => {
  await using at = await opened();
  const { page, munich, numbers } = at;
  await page.clock.install();
  await page.reload();
  await page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });
  await page.evaluate("window.wasHere = true");
  const shows = (sold: number) =>
    until(
      async () => {
        await page.clock.runFor(500);
        return (await munich.textContent()) === String(sold);
      },
      { withinMs: 10_000, what: "the number on the page" },
    );
  at.upgrade();
  numbers.munich = 107;
  at.tell();
  await shows(107);
  expect(await page.evaluate(isReloaded)).toBe(false);
  await page.locator("#note").fill("mine");
  await page.clock.runFor(61_000);
  numbers.munich = 108;
  at.tell();
  await shows(108);
  expect(await page.evaluate(isReloaded)).toBe(false);
  await page.locator("#note").blur();
  numbers.munich = 109;
  at.tell();
  await shows(109);
  expect(await page.evaluate(isReloaded)).toBe(true);
});

test("a tab of the past shows nothing any more when another one signs out", async () => {
  await using at = await opened();
  const { page } = at;
  await page.evaluate("delete document.body.dataset.stream");
  const another = await at.context.newPage();
  at.signOut();
  await another.goto("/");
  await page.waitForURL("**/sign-in");
});

test("the way back to a part of a page that a new version has is led to by the browser", async () => {
  await using at = await opened("/#words");
  const { page, asked } = at;
  await page.evaluate("window.wasHere = true");
  await page.getByLabel("Region").selectOption("DACH");
  await until(async () => asked.includes("/?region=DACH"), {
    ...{ withinMs: 10_000, what: "what is filtered, of the version before" },
  });
  at.upgrade();
  // Playwright's waitForFunction evaluates text in the page, which the policy refuses now and then.
  const isLoaded = page.waitForEvent("load");
  await page.goBack();
  await isLoaded;
  expect(await page.evaluate(isReloaded)).toBe(true);
  expect(page.url()).toBe(`${at.url}/#words`);
});

test("a link to a part of the page asks for nothing", async () => {
  await using at = await opened();
  const { page, asked } = at;
  const before = asked.length;
  await page.evaluate(`location.hash = "words"`);
  await page.evaluate("fetch('/assets/icon.svg')");
  expect(asked.slice(before)).toEqual(["/assets/icon.svg"]);
});

test("who is refused asks no more often than it says, however long that takes", async () => {
  await using at = await opened();
  const { page, asked } = at;
  await page.clock.install();
  const halfMinutes = async (count: number) => {
    const before = asked.length;
    for (let passed = 0; passed < count; passed += 1) {
      // What is asked is answered in real time.
      for (let s = 0; s < 30; s += 6) await page.clock.runFor(6_000);
      await page.evaluate("fetch('/assets/icon.svg')");
    }
    return asked.slice(before).filter((path) => path !== "/assets/icon.svg");
  };
  at.refuseStreams();
  await halfMinutes(2);
  const refused = await halfMinutes(4);
  expect(refused.filter((path) => path === "/api/stream").length).toBeLessThanOrEqual(5);
  at.turn(true);
  await halfMinutes(10);
  // By the stream that is opened again, by the page that is asked for again, and each minute.
  expect((await halfMinutes(4)).filter((path) => path === "/").length).toBeLessThanOrEqual(12);
  await page.getByText(/^Not live since \d\d:\d\d, looks every 30 s$/).waitFor();
  // What is under way may be refused yet.
  await page.goto("about:blank");
  expect(at.takeFaults().filter((fault) => !/503|Failed to load|ERR_/.test(fault))).toEqual([]);
});

test("a tab that nobody looks at follows nothing, and shows what it missed when somebody does", async () => {
  await using at = await opened();
  const { page } = at;
  const look = (state: string) =>
    page.evaluate(
      `Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "${state}" });
       document.dispatchEvent(new Event("visibilitychange"));`,
    );
  await look("hidden");
  await until(async () => at.streams() === 0, { withinMs: 5_000, what: "the stream's end" });
  at.numbers.munich = 103;
  await look("visible");
  await at.munich.filter({ hasText: "103" }).waitFor();
  expect(at.streams()).toBe(1);
});

test("a filter is shown as it is changed, has an address of its own, and goes with the back button", async () => {
  await using at = await opened();
  const { page, asked } = at;
  await page.getByLabel("Find an event").fill("par");
  await page.getByLabel("Region").selectOption("DACH");
  await page.locator("#event-munich").waitFor({ state: "detached" });
  expect(page.url()).toBe(`${at.url}/?q=par&region=DACH`);
  expect(await page.title()).toBe("Events par");
  expect(asked).toContain("/?q=par&region=DACH");
  await page.goBack();
  await at.munich.waitFor();
  expect(page.url()).toBe(`${at.url}/`);
});

test("Enter in a filter is one step back, and shows what is folded otherwise", async () => {
  await using at = await opened();
  const { page } = at;
  const steps = await page.evaluate<number>("history.length");
  await page.getByLabel("Find an event").fill("over");
  await page.keyboard.press("Enter");
  await page.locator("#event-rome").waitFor();
  expect(await page.evaluate("history.length")).toBe(steps + 1);
});

test("keys find, walk over rows, go to views and say what they do; in a field, or switched off, they are letters", async () => {
  await using at = await opened();
  const { page } = at;
  const focused = () => page.evaluate<string>("document.activeElement.textContent");
  // What is folded away is no row.
  for (const _ of ["Munich", "Paris", "Paris"]) await page.keyboard.press("j");
  expect(await focused()).toBe("Paris");
  // Where the focus goes, nothing is laid out anew.
  const traced = await tracedBy(page, () => page.keyboard.press("k"));
  expect(traced.filter(({ name }) => name === "Layout")).toEqual([]);
  expect(traced.some(({ name }) => name === "Paint")).toBe(true);
  expect(await focused()).toBe("Munich");
  await page.keyboard.press("/");
  await page.keyboard.type("jk?");
  expect(await page.getByLabel("Find an event").inputValue()).toBe("jk?");
  await page.locator("summary").focus();
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keys" });
  await list.waitFor();
  expect(await inaccessible(page)).toEqual([]);
  // Of views that somebody may not open there is no link, and no key.
  expect(await list.locator("dd", { hasText: /launches|operations/ }).allTextContents()).toEqual([
    "launches",
  ]);
  await list.getByLabel("Letters are keys").uncheck();
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
  await page.keyboard.press("j");
  expect(await focused()).toBe("More");
  await page.keyboard.press("?");
  await list.getByLabel("Letters are keys").check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.waitForURL("**/launches");
});

test("all of the list of keys can be reached in a low window", async () => {
  await using at = await opened("/", { size: { width: 900, height: 220 } });
  await at.page.keyboard.press("?");
  const list = at.page.getByRole("dialog", { name: "Keys" });
  const { y = -1, height = 0 } = (await list.boundingBox()) ?? {};
  expect(y).toBeGreaterThanOrEqual(0);
  expect(y + height).toBeLessThanOrEqual(220);
  await list.getByRole("button", { name: "Close" }).click();
  await list.waitFor({ state: "detached" });
});

test("arrow keys walk over a chart, which is read beside it", async () => {
  await using at = await opened();
  const { page } = at;
  const reading = page.locator(".chart-reading");
  await page.locator(".chart-picture").focus();
  await page.keyboard.press("ArrowRight");
  expect(await reading.textContent()).toBe("1 Nov: Sold 38.0 %");
  await page.keyboard.press("End");
  expect(await reading.textContent()).toBe("2 Nov: Sold 59.1 %, Usual 41.0 %");
  expect(await page.locator(".chart-crosshair").getAttribute("x1")).toBe("100%");
  at.numbers.munich = 104;
  at.tell();
  await at.munich.filter({ hasText: "104" }).waitFor();
  expect(await reading.textContent()).toBe("2 Nov: Sold 59.1 %, Usual 41.0 %");
  await page.keyboard.press("Alt+ArrowLeft");
  expect(await reading.textContent()).toBe("2 Nov: Sold 59.1 %, Usual 41.0 %");
  await page.keyboard.press("Tab");
  expect(await reading.textContent()).toBe("");
});

test("a finger reads a chart, until it touches something else", async () => {
  await using at = await opened("/", { touch: true });
  const reading = at.page.locator(".chart-reading");
  await at.page.locator(".chart-picture").tap({ position: { x: 390, y: 20 } });
  expect(await reading.textContent()).toBe("2 Nov: Sold 59.1 %, Usual 41.0 %");
  await at.page.locator("#words").tap();
  expect(await reading.textContent()).toBe("");
});

test("the server is told in which zone the browser's clock is", async () => {
  await using at = await opened();
  const cookies = await at.context.cookies();
  expect(cookies.map(({ name, value }) => [name, value])).toEqual([["tz", "Europe/Berlin"]]);
});

test("the script has 12 KB at most", async () => {
  expect(brotliCompressSync(await buildScript()).length).toBeLessThanOrEqual(12_288);
});
