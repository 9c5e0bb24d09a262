import { z } from "zod";
import { overlay } from "../mask.ts";
import { kind, writeMask } from "./kind.ts";

const Properties = z.strictObject({
  title: z.string().min(1).optional(),
  locale: z.string().min(2).optional(),
  timeZone: z.string().min(1).optional(),
});

const UpdateSpreadsheetProperties = z.strictObject({
  properties: Properties.default({}),
  fields: z.string().optional(),
});

const updateSpreadsheetProperties = kind(UpdateSpreadsheetProperties, (draft, body) => {
  const mask = writeMask(body.fields, Object.keys(Properties.shape));
  const properties = overlay(draft.properties, body.properties, mask);
  // The mask names fields of the properties alone, and none of them can be taken away.
  draft.properties = { ...draft.properties, ...(properties as Partial<typeof draft.properties>) };
  return undefined;
});

export const spreadsheetRequests = { updateSpreadsheetProperties };
