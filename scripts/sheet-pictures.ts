/**
 * `npm run pictures:sheet`: the sheet's tabs as pictures in `docs/sheet/`, of the service that `npm run dev` has
 * started: each as a browser shows the played sheet, and as LibreOffice prints the workbook. They are looked at
 * when a tab changes, and kept. It needs Debian's `libreoffice-calc`, `poppler-utils` and `pngquant`. Other
 * addresses (the service's, the played sheet's) are the arguments.
 */
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { launchChromium } from "../test/browser/chromium.ts";
import { visit } from "../test/browser/visit.ts";

const [, , service = "http://localhost:18765", sheets = "http://localhost:18800"] = process.argv;
const folder = join(import.meta.dir, "..", "docs", "sheet");
const MOST_BYTES = 150_000;
const DOTS_PER_INCH = 150;
/** The upper half of a page of A4 across. */
const PRINTED = ["-x", "0", "-y", "0", "-W", "1754", "-H", "760"];

const pictures = {
  overview: { tab: "Overview", view: "On sale, fullest first" },
  "overview-right": { tab: "Overview", view: "On sale, fullest first", from: "Days to Race" },
  events: { tab: "Events" },
  "events-right": { tab: "Events", from: "Reserved" },
  "nearly-gone": { tab: "Ticket Types", view: "Races, nearly gone", from: "Ticket Name" },
  undershops: { tab: "Undershops" },
  changes: { tab: "Changes" },
  "sales-by-day": { tab: "Sales by Day" },
  status: { tab: "Status" },
};
const printed = ["overview", "changes"] as const;

await mkdir(folder, { recursive: true });
const work = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-pictures-"));
const browser = await launchChromium();
try {
  await using visitor = await visit(browser, sheets, { size: { width: 1600, height: 620 } });
  const { page } = visitor;
  for (const [name, { tab, view, from }] of Object.entries<Picture>(pictures)) {
    await page.goto("/sheets");
    for (const link of [tab, ...(view ? [view] : [])])
      await page.getByRole("link", { name: link, exact: true }).click();
    await page.locator('nav a[aria-current="page"]', { hasText: view ?? tab }).waitFor();
    if (from) await page.evaluate(scrollTo(from));
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file, animations: "disabled" });
    await squeeze(file);
  }
  const headers = { "x-api-key": process.env.BACKEND_API_KEY ?? "" };
  const answer = await fetch(`${service}/api/downloads/vivenu.xlsx`, { headers });
  if (!answer.ok) throw new Error(`${service}/api/downloads/vivenu.xlsx: ${answer.status}`);
  const book = new Uint8Array(await answer.arrayBuffer());
  for (const name of printed) await print(name, sheetAlone(book, pictures[name].tab));
} finally {
  await browser.close();
  await rm(work, { recursive: true, force: true });
}

interface Picture {
  tab: string;
  /** Through which it is shown. */
  view?: string;
  /** The header that is scrolled to; names stay in sight. */
  from?: string;
}

/** What runs in the page is text: its types are a browser's, and there are none of these here. */
function scrollTo(header: string) {
  return `{
    const cells = [...document.querySelectorAll("tr.frozen td")];
    const edge = Math.max(...cells.filter((cell) => cell.classList.contains("held"))
      .map((cell) => cell.getBoundingClientRect().right));
    const cell = cells.find(({ textContent }) => textContent === ${JSON.stringify(header)});
    document.querySelector(".grid").scrollLeft += cell.getBoundingClientRect().left - edge;
  }`;
}

/** Its first page, as it comes out of a printer. */
async function print(name: string, book: Uint8Array) {
  const file = join(work, `${name}.xlsx`);
  await Bun.write(file, book);
  const profile = `-env:UserInstallation=file://${work}/profile`;
  await run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", work, file);
  const picture = join(folder, `${name}-printed`);
  const resolution = ["-r", String(DOTS_PER_INCH), ...PRINTED];
  await run("pdftoppm", "-png", "-singlefile", ...resolution, join(work, `${name}.pdf`), picture);
  await squeeze(`${picture}.png`);
}

/** The workbook with one sheet of it. */
function sheetAlone(book: Uint8Array, title: string): Uint8Array {
  const parts = unzipSync(book);
  const workbook = strFromU8(parts["xl/workbook.xml"] ?? new Uint8Array());
  const sheet = [...workbook.matchAll(/<sheet [^>]*\/>/g)].findIndex(([one]) =>
    one.includes(`name="${title}"`),
  );
  const alone = workbook
    .replace(/<sheet [^>]*\/>/g, (one) => (one.includes(`name="${title}"`) ? one : ""))
    .replace(
      /<definedName ([^>]*)localSheetId="(\d+)"([^>]*>.*?<\/definedName>)/g,
      (_, a, id, b) => (Number(id) === sheet ? `<definedName ${a}localSheetId="0"${b}` : ""),
    );
  return zipSync({ ...parts, "xl/workbook.xml": strToU8(alone) });
}

/** To few colours, for they are kept with the code. */
async function squeeze(file: string) {
  await run("pngquant", "--force", "--speed", "1", "--output", `${file}.small`, "48", file);
  await rename(`${file}.small`, file);
  const { size } = await stat(file);
  if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes`);
  process.stdout.write(`${file} (${Math.round(size / 1_000)} kB)\n`);
}

async function run(...words: string[]) {
  const child = Bun.spawn(words, { stdout: "ignore", stderr: "pipe" });
  const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(`${words[0]} ended with ${code}: ${said.slice(-1_000)}`);
}
