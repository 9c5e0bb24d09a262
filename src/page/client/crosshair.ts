/** Charts by arrow keys and pointer: a line over the picture, and the row of its table read beside it. */
export function crosshairs() {
  makeReachable();
  document.addEventListener("shown", () => {
    makeReachable();
    // The row that was read may say something else by now.
    for (const chart of document.querySelectorAll(".chart.is-read"))
      read(chart, rowsOf(chart).find(isRead));
  });
  document.addEventListener("keydown", (event) => {
    // With these an arrow is the browser's way back.
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const chart = chartOf(event.target);
    const rows = chart ? rowsOf(chart) : [];
    if (!chart || rows.length === 0) return;
    const now = rows.findIndex(isRead);
    const next = stepTo(event.key, now, rows.length);
    if (next === undefined) return;
    event.preventDefault();
    read(chart, rows[next]);
  });
  for (const name of ["pointermove", "pointerdown"] as const)
    document.addEventListener(name, ({ target, clientX }) => {
      const chart = chartOf(target);
      if (chart) read(chart, nearest(chart, clientX));
    });
  document.addEventListener("pointerout", ({ target, relatedTarget, pointerType }) => {
    const chart = chartOf(target);
    // A finger covers what it points at: what it read is there until it touches something else.
    if (pointerType === "touch") return;
    if (chart && chartOf(relatedTarget) !== chart) read(chart, undefined);
  });
  document.addEventListener("pointerdown", ({ target }) => {
    for (const chart of document.querySelectorAll(".chart.is-read"))
      if (chart !== chartOf(target)) read(chart, undefined);
  });
  document.addEventListener("focusout", ({ target }) => {
    const chart = chartOf(target);
    if (chart) read(chart, undefined);
  });
}

/**
 * Without the script nothing would be read there, so nothing could be reached. Readers of screens keep arrow keys
 * for themselves in a picture, and leave them to what says that it has a use for them.
 */
function makeReachable() {
  for (const picture of document.querySelectorAll(".chart-picture")) {
    picture.setAttribute("tabindex", "0");
    picture.setAttribute("role", "application");
  }
}

const chartOf = (target: EventTarget | null) =>
  target instanceof Element ? target.closest(".chart-picture")?.closest(".chart") : undefined;

const isRead = (row: Element) => row.classList.contains("is-read");

const rowsOf = (chart: Element) => [...chart.querySelectorAll<HTMLElement>("tr[data-at]")];

function stepTo(key: string, now: number, count: number): number | undefined {
  const last = count - 1;
  if (key === "ArrowRight") return Math.min(now + 1, last);
  if (key === "ArrowLeft") return now < 0 ? last : Math.max(now - 1, 0);
  if (key === "PageDown") return Math.min(now + 10, last);
  if (key === "PageUp") return Math.max(now - 10, 0);
  if (key === "Home") return 0;
  if (key === "End") return last;
  return undefined;
}

function nearest(chart: Element, clientX: number): HTMLElement | undefined {
  const box = chart.querySelector(".chart-picture")?.getBoundingClientRect();
  if (!box) return undefined;
  const at = ((clientX - box.left) / box.width) * 100;
  const far = (row: HTMLElement) => Math.abs(Number(row.dataset.at) - at);
  return rowsOf(chart).reduce<HTMLElement | undefined>(
    (best, row) => (best && far(best) <= far(row) ? best : row),
    undefined,
  );
}

function read(chart: Element, row: HTMLElement | undefined) {
  const before = chart.querySelector("tr.is-read");
  if (before !== row) before?.classList.remove("is-read");
  row?.classList.add("is-read");
  chart.classList.toggle("is-read", row !== undefined);
  const line = chart.querySelector(".chart-crosshair");
  for (const name of ["x1", "x2"]) line?.setAttribute(name, `${row?.dataset.at ?? 0}%`);
  const place = chart.querySelector(".chart-reading");
  const said = row ? words(chart, row) : "";
  // The same once more would be read out once more.
  if (place && place.textContent !== said) place.textContent = said;
}

/** `12 Dec: Sold, this event 91.5 %, Usual 74.0 %` */
function words(chart: Element, row: HTMLElement): string {
  const heads = [...chart.querySelectorAll("thead th")].map(({ textContent }) => textContent);
  const [name, ...cells] = [...row.children].map(({ textContent }) => textContent ?? "");
  const said = cells.flatMap((cell, index) => (cell === "" ? [] : [`${heads[index + 1]} ${cell}`]));
  return `${name}: ${said.join(", ")}`;
}
