import { z } from "zod";
import { draftOf, type Spreadsheet } from "./document.ts";
import { refuseProtected, type Writer } from "./protection.ts";
import { invalid, Refusal } from "./refusal.ts";
import { cellRequests } from "./requests/cells.ts";
import { dimensionRequests } from "./requests/dimensions.ts";
import { filterRequests } from "./requests/filters.ts";
import { type Kind, payloadRefusal } from "./requests/kind.ts";
import { mergeRequests } from "./requests/merges.ts";
import { spreadsheetRequests } from "./requests/spreadsheet.ts";
import { tabRequests } from "./requests/tabs.ts";

const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    ...{ ...cellRequests, ...dimensionRequests, ...tabRequests, ...filterRequests },
    ...{ ...mergeRequests, ...spreadsheetRequests },
  }),
);

const Body = z.strictObject({
  requests: z.array(z.record(z.string(), z.unknown())).default([]),
  includeSpreadsheetInResponse: z.boolean().default(false),
  responseIncludeGridData: z.boolean().default(false),
  responseRanges: z.array(z.string()).default([]),
});

export interface Batch {
  after: Spreadsheet;
  replies: object[];
  asked: z.infer<typeof Body>;
}

/**
 * All requests or, by throwing, none: they change a draft that is only kept when all are done.
 * Probes: google/all-or-nothing, google/no-requests.
 */
export function applyBatch(spreadsheet: Spreadsheet, body: unknown, writer: Writer): Batch {
  const parsed = Body.safeParse(body);
  if (!parsed.success) throw payloadRefusal(parsed.error, "body");
  const { requests } = parsed.data;
  if (requests.length === 0) throw invalid("Must specify at least one request.");
  const after = draftOf(spreadsheet);
  const replies = requests.map((request, index) => {
    const [entry, another] = Object.entries(request);
    if (!entry || another)
      throw invalid(`Invalid requests[${index}]: exactly one kind must be set.`);
    const [name, inner] = entry;
    const path = `requests[${index}]`;
    const kind = kinds.get(name);
    if (!kind) {
      throw invalid(
        `Invalid JSON payload received. Unknown name "${name}" at '${path}': Cannot find field.`,
      );
    }
    try {
      if (writer === "editor") refuseProtected(after, name, inner);
      return kind.run(after, inner, `${path}.${name}`) ?? {};
    } catch (error) {
      if (!(error instanceof Refusal) || error.details.length > 0) throw error;
      throw invalid(`Invalid ${path}.${name}: ${error.message}`);
    }
  });
  return { after, replies, asked: parsed.data };
}
