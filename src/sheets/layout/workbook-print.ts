import type { Blob } from "node:buffer";
import type Stream from "node:stream";
import type { Feature } from "write-excel-file/node";
import {
  findElement,
  getCellAddress,
  insertElementMarkupAccordingToOrderOfSiblings,
  replaceElement,
  sanitizeAttributeValue,
  sanitizeTextContent,
} from "write-excel-file/utility";
import { unsigned } from "./header-note.ts";
import type { Tab } from "./layout.ts";

/** Elements of a worksheet in the order in which ECMA-376 has them (18.3.1.99), as far as they occur here. */
const ORDER = [
  "sheetPr",
  "dimension",
  "sheetViews",
  "sheetFormatPr",
  "cols",
  "sheetData",
  "autoFilter",
  "mergeCells",
  "conditionalFormatting",
  "dataValidations",
  "hyperlinks",
  "printOptions",
  "pageMargins",
  "pageSetup",
  "headerFooter",
  "drawing",
  "tableParts",
];

const [WHITE, GREEN, RED] = ["FFFFFFFF", "FF57BA8A", "FFE67C73"];

/** As in the sheet: a share from 0 to 1, points from behind what is usual to ahead of it. */
const SCALES = {
  share: [
    [0, WHITE],
    [1, GREEN],
  ],
  points: [
    [-20, RED],
    [0, WHITE],
    [20, GREEN],
  ],
} as const;

/** In inches: what is wide has to be readable. */
const MARGINS =
  '<pageMargins left="0.25" right="0.25" top="0.4" bottom="0.4" header="0.2" footer="0.2"/>';

const CREATOR = "vivenu-event-monitor";

/**
 * What the library leaves to others: each sheet is printed across one page's width, with its header on each
 * page; headers have filter buttons, percentages their colours; and the file says what it is and of when.
 */
export function printed(
  tabs: readonly Tab[],
  names: readonly string[],
  now: Date,
): Feature<Stream | Buffer | Blob> {
  return {
    files: {
      transform: {
        "xl/worksheets/sheet{id}.xml": {
          transform: (xml, _, { sheetIndex }) => withLook(xml, tabs[sheetIndex]),
        },
        "xl/workbook.xml": { transform: (xml) => withNames(xml, tabs, names) },
        "_rels/.rels": { insert: () => RELATION },
        "[Content_Types].xml": { insert: () => CONTENT_TYPE },
      },
      write: { files: () => ({ "docProps/core.xml": propertiesAt(now) }) },
    },
  };
}

function withLook(xml: string, tab: Tab | undefined): string {
  if (!tab) return xml;
  const put = (into: string, markup: string) =>
    insertElementMarkupAccordingToOrderOfSiblings(into, markup, ORDER, "worksheet");
  // The library puts an element behind the first of those before it: where there are several, that is among
  // them. So what there may be several of is put in last, and all of a kind at once.
  return [
    '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>',
    ...(tab.isFiltered ? [`<autoFilter ref="${rangeOf(tab)}"/>`] : []),
    MARGINS,
    '<pageSetup orientation="landscape" fitToWidth="1" fitToHeight="0"/>',
    promptsOf(tab),
    scalesOf(tab).join(""),
  ]
    .filter((markup) => markup !== "")
    .reduce(put, xml);
}

/** What the sheet says in notes, which a workbook keeps in drawings: shown to whoever chooses the header. */
function promptsOf({ columns }: Tab): string {
  const prompts = columns.flatMap(({ note }, at) => {
    if (note === undefined) return [];
    const text = sanitizeAttributeValue(unsigned(note));
    return `<dataValidation showInputMessage="1" prompt="${text}" sqref="${getCellAddress(0, at)}"/>`;
  });
  if (prompts.length === 0) return "";
  return `<dataValidations count="${prompts.length}">${prompts.join("")}</dataValidations>`;
}

const scalesOf = ({ columns, rows }: Tab) =>
  columns.flatMap(({ scale }, at) => {
    if (!scale || rows.length === 0) return [];
    const cells = `${getCellAddress(1, at)}:${getCellAddress(rows.length, at)}`;
    const points = SCALES[scale];
    const values = points.map(([value]) => `<cfvo type="num" val="${value}"/>`);
    const colours = points.map(([, colour]) => `<color rgb="${colour}"/>`);
    const rule = `<cfRule type="colorScale" priority="${at + 1}"><colorScale>${values.join("")}${colours.join("")}</colorScale></cfRule>`;
    return `<conditionalFormatting sqref="${cells}">${rule}</conditionalFormatting>`;
  });

const rangeOf = ({ columns, rows }: Tab, fixed = "") => {
  const [from, to] = [getCellAddress(0, 0), getCellAddress(rows.length, columns.length - 1)];
  return [from, to]
    .map((cell) => cell.replace(/^[A-Z]+/, (column) => `${fixed}${column}${fixed}`))
    .join(":");
};

/** Rows that are repeated on each page, and what a filter filters, are names of the workbook. */
function withNames(xml: string, tabs: readonly Tab[], names: readonly string[]): string {
  const defined = tabs.flatMap((tab, at) => {
    const sheet = sanitizeTextContent(`'${(names[at] ?? "").replaceAll("'", "''")}'`);
    const filtered = `<definedName name="_xlnm._FilterDatabase" localSheetId="${at}" hidden="1">${sheet}!${rangeOf(tab, "$")}</definedName>`;
    const header = `<definedName name="_xlnm.Print_Titles" localSheetId="${at}">${sheet}!$1:$1</definedName>`;
    return [...(tab.isFiltered ? [filtered] : []), header];
  });
  const markup = `<definedNames>${defined.join("")}</definedNames>`;
  const found = findElement(xml, "definedNames");
  return found
    ? replaceElement(xml, found, markup)
    : insertElementMarkupAccordingToOrderOfSiblings(
        xml,
        markup,
        ["workbookPr", "bookViews", "sheets", "definedNames", "calcPr"],
        "workbook",
      );
}

const RELATION =
  '<Relationship Id="rId-properties-1" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>';
const CONTENT_TYPE =
  '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>';

function propertiesAt(now: Date) {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>Vivenu events</dc:title><dc:creator>${CREATOR}</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${at}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">${at}</dcterms:modified></cp:coreProperties>`;
}
