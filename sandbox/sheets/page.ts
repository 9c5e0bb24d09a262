import { escapeHtml, htmlPage } from "../html.ts";
import { columnLetters } from "./a1.ts";
import { effectiveValue, shownIn } from "./answer.ts";
import { colourOf, scalesOf } from "./colour.ts";
import type { Cell, Sheet, Spreadsheet } from "./document.ts";
import { chartOf } from "./formula.ts";
import { rowsThrough } from "./view.ts";

type View = Sheet["filterViews"][number];

const ROWS_A_PAGE = 1000;
const LEAST_ROWS = 30;
const LEAST_COLUMNS = 12;
const NUMBERS_WIDTH = 46;

const STYLE = `
  body { margin: 0; font: 13px/1.4 Arial, "Liberation Sans", Helvetica, sans-serif; color: #202124; background: #f8f9fa }
  h1 { font-size: 16px; font-weight: 500; margin: 10px 12px }
  nav { position: sticky; left: 0; padding: 0 8px; border-bottom: 1px solid #dadce0 }
  nav a { display: inline-block; padding: 6px 14px; color: #444; text-decoration: none }
  nav a[aria-current] { background: #fff; color: #188038; font-weight: 600; border-bottom: 3px solid #188038 }
  .grid { overflow: auto; height: calc(100vh - 90px) }
  table { border-collapse: separate; border-spacing: 0; table-layout: fixed; background: #fff }
  th, td { border: solid #e2e3e3; border-width: 0 1px 1px 0; padding: 2px 6px; height: 17px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
  td { unicode-bidi: plaintext }
  thead th { position: sticky; top: 0; z-index: 2 }
  th { background: #f1f3f4; color: #5f6368; font-weight: 400; text-align: center }
  tbody th { position: sticky; left: 0; z-index: 2; width: 46px }
  .frozen td, .frozen th { position: sticky; top: 22px; z-index: 2; border-bottom: 2px solid #bdc1c6 }
  .frozen td { background-color: #fff }
  .chart { display: block; width: 100%; height: 17px }
  .chart polyline { fill: none; stroke: #000; stroke-width: 1; vector-effect: non-scaling-stroke }
  .number { text-align: right; font-variant-numeric: tabular-nums }
  .truth { text-align: center }
  .bold { font-weight: 700 }
  .struck { text-decoration: line-through }
  .note { background-image: linear-gradient(225deg, #202124 5px, transparent 5px); cursor: help }
  .filter { position: relative; padding-right: 20px }
  .filter::after { content: "\\25BE"; position: absolute; right: 6px; color: #5f6368 }
  .filter.on::after { color: #188038; font-weight: 700 }
  .frozen .filter { position: sticky }
  td.held { position: sticky; z-index: 1; background-color: #fff }
  .frozen .held, thead .held { z-index: 3 }
  .frozen th, thead th:first-child { left: 0; z-index: 4 }
  nav .view { font-style: italic }
`;

export interface PageQuery {
  /** The tab's `sheetId`; without one, the first tab that holds something. */
  gid: string | null;
  /** The first row that is shown, from 0. */
  from: number;
  /** The spreadsheet's, where there are several. */
  id?: string | null;
  /** The number of a filter view of the tab, through which it is shown. */
  view?: string | null;
}

/** The spreadsheet as a person sees it: one tab, as a table, without a script. */
export function page(spreadsheet: Spreadsheet, { gid, from, id, view }: PageQuery): string {
  const { locale } = spreadsheet.properties;
  const address = `/sheets?${id ? `id=${encodeURIComponent(id)}&amp;` : ""}`;
  const { sheets } = spreadsheet;
  const sheet =
    sheets.find(({ properties }) => String(properties.sheetId) === gid) ??
    sheets.find(({ rows }) => rows.length > 0) ??
    sheets[0];
  const through = sheet?.filterViews.find(({ filterViewId }) => String(filterViewId) === view);
  const links = sheets.map((one) => tabLink(address, one, one === sheet && !through)).join("");
  return htmlPage({
    title: spreadsheet.properties.title,
    style: STYLE,
    body: `<nav>${links}${viewLinks(address, sheet, through)}</nav>
${sheet ? grid(address, sheet, { from, through, locale }) : ""}`,
  });
}

function tabLink(address: string, { properties }: Sheet, current: boolean) {
  const { sheetId, title } = properties;
  return `<a href="${address}gid=${sheetId}"${current ? ' aria-current="page"' : ""}>${escapeHtml(title)}</a>`;
}

/** Beside the tabs those through which the one that is shown can be looked at. */
function viewLinks(address: string, sheet: Sheet | undefined, through: View | undefined) {
  return (sheet?.filterViews ?? [])
    .map((view) => {
      const place = `gid=${sheet?.properties.sheetId}&amp;view=${view.filterViewId}`;
      const current = view === through ? ' aria-current="page"' : "";
      return `<a class="view" href="${address}${place}"${current}>${escapeHtml(view.title ?? "")}</a>`;
    })
    .join("");
}

interface GridQuery {
  from: number;
  through: View | undefined;
  locale: string;
}

function grid(address: string, sheet: Sheet, { from, through, locale }: GridQuery) {
  const { rowCount, columnCount, frozenRowCount = 0 } = sheet.properties.gridProperties;
  const used = sheet.rows.reduce((most, row) => Math.max(most, row?.length ?? 0), 0);
  const columns = Math.min(columnCount, Math.max(used, LEAST_COLUMNS));
  const end = Math.min(rowCount, Math.max(sheet.rows.length, LEAST_ROWS));
  const start = Math.max(frozenRowCount, Math.min(from, Math.max(0, end - 1)));
  const shown = columnsShown(sheet, columns);
  const widths = shown.map((at) => widthOf(sheet, at));
  const width = widths.reduce((sum, one) => sum + one, NUMBERS_WIDTH);
  const letters = shown.map((at) => letter(columnLetters(at), heldAt(sheet, at)));
  const below = through
    ? rowsThrough(sheet, through, locale).slice(0, ROWS_A_PAGE)
    : numbers(start, Math.min(start + ROWS_A_PAGE, end));
  const rows = [...numbers(0, Math.min(frozenRowCount, end)), ...below].filter(
    (at) => !sheet.rowMetadata[at]?.hiddenByUser && !sheet.rowMetadata[at]?.hiddenByFilter,
  );
  const scales = scalesOf(sheet);
  return `<div class="grid"><table style="width:${width}px">
<colgroup><col style="width:${NUMBERS_WIDTH}px">${widths.map((width) => `<col style="width:${width}px">`).join("")}</colgroup>
<thead><tr><th></th>${letters.join("")}</tr></thead>
<tbody>
${rows.map((at) => tableRow(sheet, at, columns, scales)).join("\n")}
</tbody>
</table>${through ? "" : pages(address, sheet, start, end)}</div>`;
}

const numbers = (start: number, end: number) =>
  Array.from({ length: Math.max(0, end - start) }, (_, at) => start + at);

const columnsShown = (sheet: Sheet, columns: number) =>
  numbers(0, columns).filter((at) => !sheet.columnMetadata[at]?.hiddenByUser);

type Scales = ReturnType<typeof scalesOf>;

function tableRow(sheet: Sheet, at: number, columns: number, scales: Scales) {
  const frozen = at < (sheet.properties.gridProperties.frozenRowCount ?? 0);
  const row = sheet.rows[at] ?? [];
  const cells = columnsShown(sheet, columns).map((column) =>
    tableCell(sheet, row[column] ?? {}, {
      scale: scales(at, column),
      filter: filterIn(sheet, at, column),
      left: heldAt(sheet, column),
    }),
  );
  return `<tr${frozen ? ' class="frozen"' : ""}><th scope="row">${at + 1}</th>${cells.join("")}</tr>`;
}

const letter = (text: string, left: number | undefined) =>
  left === undefined
    ? `<th scope="col">${text}</th>`
    : `<th scope="col" class="held" style="left:${left}px">${text}</th>`;

/** How far from the left a column stays whose tab keeps it in sight. */
function heldAt(sheet: Sheet, column: number) {
  if (column >= (sheet.properties.gridProperties.frozenColumnCount ?? 0)) return undefined;
  return columnsShown(sheet, column).reduce((sum, at) => sum + widthOf(sheet, at), NUMBERS_WIDTH);
}

const widthOf = (sheet: Sheet, column: number) => sheet.columnMetadata[column]?.pixelSize ?? 100;

/** In the head of a filter's columns: whether it hides anything there. */
function filterIn({ basicFilter }: Sheet, row: number, column: number) {
  if (!basicFilter || row !== (basicFilter.range.startRowIndex ?? 0)) return undefined;
  const { startColumnIndex = 0, endColumnIndex = Number.POSITIVE_INFINITY } = basicFilter.range;
  if (column < startColumnIndex || column >= endColumnIndex) return undefined;
  return basicFilter.filterSpecs?.some(({ columnIndex }) => columnIndex === column) ? "on" : "off";
}

interface Look {
  scale: ReturnType<Scales>;
  filter: ReturnType<typeof filterIn>;
  left: number | undefined;
}

function tableCell(sheet: Sheet, cell: Cell, { scale, filter, left }: Look) {
  const text = escapeHtml(shownIn(sheet, cell) ?? "");
  const value = { numberValue: undefined, boolValue: undefined, ...effectiveValue(sheet, cell) };
  const { textFormat, backgroundColor } = cell.userEnteredFormat ?? {};
  const classes = [
    value.numberValue !== undefined && "number",
    value.boolValue !== undefined && "truth",
    textFormat?.bold && "bold",
    textFormat?.strikethrough && "struck",
    cell.note && "note",
    left !== undefined && "held",
    filter && "filter",
    filter === "on" && "on",
  ].filter(Boolean);
  const named = classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
  const told = cell.note ? escapeHtml(cell.note) : text.length > 12 ? text : "";
  const background = scale?.(value.numberValue) ?? colourOf(backgroundColor);
  const letters = colourOf(textFormat?.foregroundColor);
  const styles = [
    ...(left === undefined ? [] : [`left:${left}px`]),
    ...(background ? [`background-color:${background}`] : []),
    ...(letters ? [`color:${letters}`] : []),
  ];
  const style = styles.length > 0 ? ` style="${styles.join(";")}"` : "";
  const points = chartOf(cell.userEnteredValue?.formulaValue);
  return `<td${named}${told ? ` title="${told}"` : ""}${style}>${points ? chart(points) : text}</td>`;
}

/** As a spreadsheet draws it: the whole cell, from the least to the most. */
function chart(points: readonly number[]) {
  const [least, most] = [Math.min(...points), Math.max(...points)];
  const placed = points.map((point, at) => {
    const [x, y] = [at / Math.max(1, points.length - 1), (point - least) / (most - least || 1)];
    return `${(x * 100).toFixed(1)},${(16 - y * 15).toFixed(1)}`;
  });
  return `<svg class="chart" viewBox="0 0 100 17" preserveAspectRatio="none"><polyline points="${placed.join(" ")}"/></svg>`;
}

function pages(address: string, { properties }: Sheet, start: number, end: number) {
  const { sheetId } = properties;
  const link = (from: number, text: string) =>
    `<a href="${address}gid=${sheetId}&amp;from=${Math.max(0, from)}">${text}</a> `;
  const before = start > ROWS_A_PAGE ? link(start - ROWS_A_PAGE, "rows before") : "";
  const after = start + ROWS_A_PAGE < end ? link(start + ROWS_A_PAGE, "rows after") : "";
  return before || after ? `<p>${before}${after}</p>` : "";
}
