import type { FailureKind } from "../../lib/failure.ts";

/** What /status says of the mirror; times are ISO instants. */
export interface MirrorState {
  /** When the sheet was last found or made to be what the rows say. */
  lastSyncAt: string | null;
  lastChangeAt: string | null;
  /** Since the process began. */
  cellsWritten: number;
  /** Cells of other people that we wrote over and put back, because rows or columns had just moved. */
  cellsPutBack: number;
  /** Of the newest failure, also when a sync succeeded since. */
  lastFailure: { at: string; kind: FailureKind | null; message: string } | null;
  /** Cells that cannot be worked out, as found at the last look. */
  unshown: readonly string[];
  /** Titles of ours that are a tab of somebody's own, so that ours is not written. */
  taken: readonly string[];
}

/** Before the first sync. */
export const emptyMirrorState = (): MirrorState => ({
  lastSyncAt: null,
  lastChangeAt: null,
  cellsWritten: 0,
  cellsPutBack: 0,
  lastFailure: null,
  unshown: [],
  taken: [],
});
