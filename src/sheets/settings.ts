import { DEFAULT_REQUESTS_PER_MINUTE } from "./google/limiter.ts";
import {
  type ColumnChoice,
  defaultLayout,
  type LayoutSettings,
  type TabName,
} from "./layout/layout.ts";
import { defaultMirrorPace } from "./sync/pace.ts";

/** One more spreadsheet: of some regions or events only, with tabs of its own choice. */
export interface SheetCopy {
  id: string;
  regions: readonly string[] | undefined;
  eventIds: readonly string[] | undefined;
  tabs: readonly TabName[] | undefined;
  columns: ColumnChoice | undefined;
}

export interface SheetSettings {
  layout: LayoutSettings;
  gatherMs: number;
  lookMs: number;
  statusMs: number;
  requestsPerMinute: number;
  /** Rows of each event at most. */
  salesDays: number;
  /** The newest so many. */
  changes: number;
  copies: readonly SheetCopy[];
}

export const defaultSheetSettings: SheetSettings = {
  layout: defaultLayout,
  ...defaultMirrorPace,
  requestsPerMinute: DEFAULT_REQUESTS_PER_MINUTE,
  salesDays: 90,
  changes: 2_000,
  copies: [],
};
