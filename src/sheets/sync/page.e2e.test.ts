import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { event, idOf, scene, type } from "../../../test/support/sheet.ts";

const chromium = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
  .map((name) => Bun.which(name))
  .find((path) => path !== null);

const who = chromium ? "a browser" : "the page alone, for no Chromium is on the PATH,";

const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-page-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-extensions --hide-scrollbars --window-size=1600,700".split(
    " ",
  );

/** What Chromium shows at an address: its document, and a picture of it. */
async function open(url: string, more: string[] = ["--dump-dom"]) {
  if (!chromium) return (await fetch(url)).text();
  const flags = [...FLAGS, `--user-data-dir=${join(folder, "profile")}`, ...more, url];
  const browser = Bun.spawn([chromium, ...flags], { stdout: "pipe", stderr: "ignore" });
  const text = await new Response(browser.stdout).text();
  await browser.exited;
  return text;
}

test(`${who} shows the tabs, numbers as people know them, colours by value and no script of a name`, async () => {
  await using it = await scene();
  it.rows.events = [
    event(),
    event({
      eventId: idOf(1),
      eventName: "<script>document.title='run'</script>",
      percentSold: 100,
    }),
    event({ eventId: idOf(2), eventName: "=1+1", status: "CANCELLED", percentSold: 0 }),
    event({ eventId: idOf(3), eventName: "HYROX Elsewhere" }),
  ];
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  const range = {
    sheetId,
    startRowIndex: 0,
    endRowIndex: 5,
    startColumnIndex: 0,
    endColumnIndex: 3,
  };
  const filterSpecs = [{ columnIndex: 2, filterCriteria: { hiddenValues: ["HYROX Elsewhere"] } }];
  await it.edit(
    type(sheetId, 0, 12, "Mine"),
    type(sheetId, 1, 12, "=H2*2"),
    { setBasicFilter: { filter: { range, filterSpecs } } },
    {
      updateCells: {
        start: { sheetId, rowIndex: 2, columnIndex: 9 },
        rows: [{ values: [{ note: "ask <them>" }] }],
        fields: "note",
      },
    },
  );
  const page = await open(`${it.played.url}/sheets`);
  expect(page).toContain('aria-current="page">Events</a>');
  expect(page).toContain(">Ticket Types</a>");
  expect(page).toMatch(/<td[^>]*>2026-04-01 12:00<\/td>/);
  expect(page).toMatch(
    /<td class="number note" title="ask (&lt;|<)them(&gt;|>)"[^>]*background-color:\s*rgb\(87, ?186, ?138\)[^>]*>100.00%/,
  );
  expect(page).toMatch(
    /<td class="number"[^>]*background-color:\s*rgb\(255, ?255, ?255\)[^>]*>0.00%/,
  );
  expect(page).toMatch(
    /<td class="struck held"[^>]*color:\s*rgb\(154, ?154, ?154\)[^>]*>0{23}3<\/td>/,
  );
  expect(page).toContain(">=1+1</td>");
  expect(page).toMatch(/<td[^>]*>200<\/td>/);
  expect(page).toMatch(/<td class="bold held filter on"[^>]*>Event Name<\/td>/);
  expect(page).not.toContain("HYROX Elsewhere");
  expect(page).not.toContain("<script>");
  expect(page).toContain("<title>Untitled spreadsheet</title>");
  const next = /href="(\/sheets\?gid=\d+)">Ticket Types/.exec(page)?.[1];
  expect(await open(`${it.played.url}${next}`)).toContain(">HYROX MEN</td>");
  if (!chromium) return;
  const picture = join(folder, "page.png");
  await open(`${it.played.url}/sheets`, [`--screenshot=${picture}`]);
  const bytes = new Uint8Array(await Bun.file(picture).arrayBuffer());
  expect(String.fromCharCode(...bytes.slice(1, 4))).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(10_000);
});
