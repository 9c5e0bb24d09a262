import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { API_KEY } from "../support/outside.ts";
import { raiseStage, type Stage } from "../support/stage.ts";
import { launchChromium } from "./chromium.ts";
import { takeLeftFaults, visit } from "./visit.ts";

let browser: Browser;
let stage: Stage;
let running: Awaited<ReturnType<Stage["start"]>>;

beforeAll(async () => {
  [browser, stage] = await Promise.all([launchChromium(), raiseStage({ season: "small" })]);
  running = await stage.start();
});

afterAll(async () => {
  await browser?.close();
  await running?.stop();
  await stage?.[Symbol.asyncDispose]();
});

afterEach(() => expect(takeLeftFaults()).toEqual([]));

test("the API's page asks no other host, and its requests can be tried there", async () => {
  await using visitor = await visit(browser, stage.url, { headers: { "x-api-key": API_KEY } });
  const { page } = visitor;
  await page.goto("/docs");
  await page.locator("#operations-Operation-readHealth button.opblock-summary-control").click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  const answer = page.locator(".live-responses-table .response-col_status").last();
  await answer.filter({ hasText: "200" }).waitFor();
});
