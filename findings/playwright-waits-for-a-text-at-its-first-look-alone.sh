#!/bin/sh
# playwright-core waits for an expression that is a text, unless the page has a policy and it has to wait.
#
# playwright-core 1.65.1, @sparticuz/chromium 153.0.0: a page whose Content-Security-Policy has no 'unsafe-eval'.
#   - `page.evaluate("window.isReady")` answers at any time.
#   - `page.waitForFunction("window.isReady")` resolves where it is true already.
#   - where it becomes true 300 ms later it rejects at once with an EvalError that names the policy: only the first
#     look is the debugger's own, the next ones are evaluated by the page.
#   - `page.waitForFunction(() => window.isReady)` waits, with the same policy.
# So a test passes for as long as the machine is slow enough, and fails now and then. Wait for an event, or hand over
# a function.
#
# Seen on 2026-12-01:
#   evaluate: true
#   text that is true: resolves
#   text that becomes true: EvalError
#   function that becomes true: resolves
#
# Exits 0 while it is so, 1 when it has changed. Of Linux on x64, where the second package has a browser.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit playwright-core@1.65.1 @sparticuz/chromium@153.0.0
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const server = createServer((_, response) => {
  response.setHeader("content-security-policy", "default-src 'none'");
  response.setHeader("content-type", "text/html");
  response.end("<!doctype html><title>Sales</title><p>4 left");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const browser = await playwright.launch({
  executablePath: await chromium.executablePath(),
  args: ["--no-sandbox", "--headless"],
});

/** What comes of waiting on a new page for what is so after a time. */
async function waitFor(wanted, afterMs) {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate((ms) => {
    if (ms === 0) window.isReady = true;
    else setTimeout(() => Object.assign(window, { isReady: true }), ms);
  }, afterMs);
  const outcome = await page.waitForFunction(wanted, undefined, { timeout: 5_000 }).then(
    () => "resolves",
    (error) => /EvalError/.exec(error.message)?.[0] ?? error.message,
  );
  await page.waitForTimeout(400);
  const isReady = await page.evaluate("window.isReady");
  await page.close();
  return { outcome, isReady };
}

const { outcome, isReady } = await waitFor("window.isReady", 0);
console.log(`evaluate: ${isReady}`);
console.log(`text that is true: ${outcome}`);
console.log(`text that becomes true: ${(await waitFor("window.isReady", 300)).outcome}`);
console.log(`function that becomes true: ${(await waitFor(() => window.isReady, 300)).outcome}`);
await browser.close();
server.close();
JS
TMPDIR=$folder node try.mjs | tee out
grep -q '^evaluate: true$' out
grep -q '^text that is true: resolves$' out
grep -q '^text that becomes true: EvalError$' out
grep -q '^function that becomes true: resolves$' out
