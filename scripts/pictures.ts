/**
 * `npm run pictures`: each view of the page as a picture in `docs/page/`, of the service that `npm run dev` has
 * started (another address is the first argument). They are looked at when the page changes, and kept.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launchChromium } from "../test/browser/chromium.ts";
import { DESKTOP, type Look, PHONE, visit } from "../test/browser/visit.ts";

const url = process.argv[2] ?? "http://localhost:18765";
const folder = join(import.meta.dir, "..", "docs", "page");

const answer = await fetch(`${url}/api/events?status=ON_SALE&sort=-percentSold&limit=1`);
const { events } = (await answer.json()) as { events?: { eventId: string }[] };
const [event] = events ?? [];
if (!event) throw new Error(`${url} has no event on sale: is it started, and has it counted?`);

const views = {
  events: "/",
  event: `/events/${event.eventId}`,
  launches: "/launches",
  changes: "/changes?days=all",
  operations: "/operations",
};
const looks = {
  light: { theme: "light", size: DESKTOP },
  dark: { theme: "dark", size: DESKTOP },
  phone: { theme: "light", size: PHONE },
} satisfies Record<string, Look>;

await mkdir(folder, { recursive: true });
const browser = await launchChromium();
try {
  for (const [name, look] of Object.entries(looks)) {
    await using visitor = await visit(browser, url, look);
    const { page } = visitor;
    // The first page tells the server the zone, and is shown once more by it.
    await page.goto("/");
    await page.locator('body[data-was-live="yes"]').waitFor({ state: "attached" });
    for (const [view, path] of Object.entries(views)) {
      await page.goto(path);
      const file = join(folder, `${view}-${name}.png`);
      await page.screenshot({ path: file, animations: "disabled" });
      process.stdout.write(`${file}\n`);
    }
  }
} finally {
  await browser.close();
}
