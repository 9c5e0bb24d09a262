import { z } from "zod";
import {
  DeveloperMetadata,
  type Draft,
  GridProperties,
  GridRange,
  newSheet,
  type Sheet,
  SheetProperties,
} from "../document.ts";
import { overlay } from "../mask.ts";
import { invalid } from "../refusal.ts";
import { cut, refuseTooLarge } from "./dimensions.ts";
import { kind, sheetOf, writeMask } from "./kind.ts";

const NewProperties = SheetProperties.partial().extend({
  gridProperties: GridProperties.prefault({}),
});

// Probe: google/own-number.
const AddSheet = z.strictObject({ properties: NewProperties.prefault({}) });

const addSheet = kind(AddSheet, (draft, { properties: { index, ...asked } }) => {
  const properties = {
    ...asked,
    sheetId: asked.sheetId ?? freeNumber(draft.sheets.map((sheet) => sheet.properties.sheetId)),
    title: asked.title ?? freeTitle(draft),
    sheetType: asked.sheetType ?? ("GRID" as const),
  };
  if (draft.sheets.some((sheet) => sheet.properties.sheetId === properties.sheetId)) {
    throw invalid(`A sheet with the ID ${properties.sheetId} already exists.`);
  }
  refuseTaken(draft, properties.title);
  refuseFrozen(properties, []);
  const at = Math.min(index ?? draft.sheets.length, draft.sheets.length);
  draft.sheets.splice(at, 0, newSheet(properties));
  refuseTooLarge(draft);
  return { addSheet: { properties: { ...properties, index: at } } };
});

const freeNumber = (taken: number[]) => Math.max(0, ...taken) + 1;

function freeTitle({ sheets }: Draft) {
  let number = sheets.length + 1;
  while (sheets.some(({ properties }) => properties.title === `Sheet${number}`)) number += 1;
  return `Sheet${number}`;
}

// Probe: google/taken-title.
function refuseTaken(draft: Draft, title: string, except?: Sheet) {
  const same = (sheet: Sheet) => sheet.properties.title.toLowerCase() === title.toLowerCase();
  if (draft.sheets.some((sheet) => sheet !== except && same(sheet))) {
    throw invalid(`A sheet with the name "${title}" already exists. Please enter another name.`);
  }
}

// Probes: google/freeze-all, google/freeze-all-columns, google/freeze-through-merge.
function refuseFrozen(
  { gridProperties: grid }: { gridProperties: z.infer<typeof GridProperties> },
  merges: readonly GridRange[],
) {
  const { frozenRowCount: rows = 0, frozenColumnCount: columns = 0 } = grid;
  if (rows >= grid.rowCount) throw invalid("You can't freeze all visible rows on the sheet.");
  if (columns >= grid.columnCount)
    throw invalid("You can't freeze all visible columns on the sheet.");
  const isCut = (start = 0, end = 0, at = 0) => start < at && end > at;
  const part = "which contain only part of a merged cell.";
  if (merges.some((one) => isCut(one.startRowIndex, one.endRowIndex, rows)))
    throw invalid(`You can't freeze rows ${part}`);
  if (merges.some((one) => isCut(one.startColumnIndex, one.endColumnIndex, columns)))
    throw invalid(`You can't freeze columns ${part}`);
}

// Probe: google/replaced-tab.
const deleteSheet = kind(z.strictObject({ sheetId: z.int().default(0) }), (draft, { sheetId }) => {
  const sheet = sheetOf(draft, sheetId);
  if (draft.sheets.length === 1) {
    throw invalid("You can't remove all the visible sheets in a document.");
  }
  draft.sheets.splice(draft.sheets.indexOf(sheet), 1);
  return undefined;
});

const DuplicateSheet = z.strictObject({
  sourceSheetId: z.int().default(0),
  insertSheetIndex: z.int().nonnegative().optional(),
  newSheetId: z.int().nonnegative().optional(),
  newSheetName: z.string().min(1).optional(),
});

/** All that is on a tab goes along, what only programs see as well. Probe: google/duplicate. */
const duplicateSheet = kind(DuplicateSheet, (draft, body) => {
  const source = sheetOf(draft, body.sourceSheetId);
  const { title } = source.properties;
  const ids = draft.sheets.map((sheet) => sheet.properties.sheetId);
  const properties = {
    ...source.properties,
    sheetId: body.newSheetId ?? freeNumber(ids),
    title: body.newSheetName ?? `Copy of ${title}`,
  };
  refuseTaken(draft, properties.title);
  // Each range and place names the tab that it is in.
  const copy = structuredClone({ ...source, properties });
  for (const { range } of [copy.basicFilter, ...copy.filterViews, ...copy.tables].flatMap(
    (one) => one ?? [],
  ))
    range.sheetId = properties.sheetId;
  for (const { spec } of copy.slicers) spec.dataRange.sheetId = properties.sheetId;
  for (const merge of copy.merges) merge.sheetId = properties.sheetId;
  for (const { ranges } of copy.conditionalFormats)
    for (const range of ranges) range.sheetId = properties.sheetId;
  for (const one of copy.protectedRanges) {
    one.protectedRangeId = freeNumber([
      ...protectionIds(draft),
      ...protectionIds({ sheets: [copy] }),
    ]);
    one.range.sheetId = properties.sheetId;
  }
  for (const one of copy.developerMetadata) one.location.sheetId = properties.sheetId;
  const at = body.insertSheetIndex ?? draft.sheets.indexOf(source) + 1;
  draft.sheets.splice(at, 0, copy);
  refuseTooLarge(draft);
  return { duplicateSheet: { properties: { ...properties, index: at } } };
});

const Changed = SheetProperties.partial().extend({
  sheetId: z.int().default(0),
  gridProperties: GridProperties.extend({
    rowCount: z.int().positive().optional(),
    columnCount: z.int().positive().optional(),
  }).optional(),
});

// Probe: google/freeze.
const UpdateSheetProperties = z.strictObject({
  properties: Changed,
  fields: z.string().optional(),
});

const updateSheetProperties = kind(UpdateSheetProperties, (draft, { properties, fields }) => {
  const mask = writeMask(fields, Object.keys(SheetProperties.shape));
  const sheet = sheetOf(draft, properties.sheetId);
  const { index, ...wanted } = properties;
  const changed = SheetProperties.safeParse({
    ...(overlay(sheet.properties, wanted, mask) ?? {}),
    sheetId: properties.sheetId,
  });
  if (!changed.success) throw invalid("The sheet's properties would not be valid.");
  const { index: _, ...result } = changed.data;
  refuseTaken(draft, result.title, sheet);
  refuseFrozen(result, sheet.merges);
  sheet.properties = result;
  cut(sheet);
  refuseTooLarge(draft);
  if (index !== undefined && (mask === "*" || mask.index)) {
    draft.sheets.splice(draft.sheets.indexOf(sheet), 1);
    draft.sheets.splice(index, 0, sheet);
  }
  return undefined;
});

const AddConditionalFormatRule = z.strictObject({
  rule: z.looseObject({ ranges: z.array(GridRange).min(1) }),
  index: z.int().nonnegative().default(0),
});

// Probe: google/colour-scale.
const addConditionalFormatRule = kind(AddConditionalFormatRule, (draft, { rule, index }) => {
  const sheet = sheetOf(draft, rule.ranges[0]?.sheetId ?? 0);
  sheet.conditionalFormats.splice(index, 0, rule);
  return undefined;
});

const protectionIds = ({ sheets }: Pick<Draft, "sheets">) =>
  sheets.flatMap((sheet) => sheet.protectedRanges.map(({ protectedRangeId }) => protectedRangeId));

const AddProtectedRange = z.strictObject({
  protectedRange: z.looseObject({
    range: GridRange,
    protectedRangeId: z.int().optional(),
    warningOnly: z.boolean().optional(),
  }),
});

// Probes: google/own-protection, google/warning.
const addProtectedRange = kind(AddProtectedRange, (draft, { protectedRange: asked }) => {
  const taken = protectionIds(draft);
  const id = asked.protectedRangeId ?? freeNumber(taken);
  if (taken.includes(id)) throw invalid(`A protected range with ID ${id} already exists.`);
  const protectedRange = { ...asked, protectedRangeId: id, requestingUserCanEdit: true };
  sheetOf(draft, asked.range.sheetId).protectedRanges.push(protectedRange);
  return { addProtectedRange: { protectedRange } };
});

const DeleteProtectedRange = z.strictObject({ protectedRangeId: z.int() });

const deleteProtectedRange = kind(DeleteProtectedRange, (draft, { protectedRangeId: id }) => {
  const sheet = draft.sheets.find((one) =>
    one.protectedRanges.some(({ protectedRangeId }) => protectedRangeId === id),
  );
  if (!sheet) throw invalid(`No protected range with ID: ${id}`);
  sheet.protectedRanges = sheet.protectedRanges.filter((one) => one.protectedRangeId !== id);
  return undefined;
});

const CreateDeveloperMetadata = z.strictObject({ developerMetadata: DeveloperMetadata });

/** Of tabs alone. Probe: google/mark. */
const createDeveloperMetadata = kind(CreateDeveloperMetadata, (draft, body) => {
  const { location, ...said } = body.developerMetadata;
  const sheet = sheetOf(draft, location.sheetId);
  const taken = draft.sheets.flatMap((one) =>
    one.developerMetadata.map(({ metadataId }) => metadataId ?? 0),
  );
  const metadataId = said.metadataId ?? freeNumber(taken);
  if (taken.includes(metadataId))
    throw invalid(`Developer metadata with ID ${metadataId} already exists.`);
  const developerMetadata = { ...said, metadataId, location };
  sheet.developerMetadata.push(developerMetadata);
  return { createDeveloperMetadata: { developerMetadata } };
});

export const tabRequests = {
  addSheet,
  createDeveloperMetadata,
  duplicateSheet,
  deleteSheet,
  updateSheetProperties,
  addConditionalFormatRule,
  addProtectedRange,
  deleteProtectedRange,
};
