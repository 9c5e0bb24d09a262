import { applyBatch, type Batch } from "./batch.ts";
import type { Spreadsheet } from "./document.ts";
import type { Writer } from "./protection.ts";
import type { Store } from "./store.ts";

/** The spreadsheet as it is now, and its changes one after the other. */
export interface Book {
  current(): Spreadsheet;
  /** Resolves when the whole batch is kept; a refused one leaves nothing. */
  write(body: unknown, writer: Writer): Promise<Batch>;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<unknown>;
}

export async function openBook(store: Store, spreadsheetId: string): Promise<Book> {
  let current = await store.load(spreadsheetId);
  let last: Promise<unknown> = Promise.resolve();
  return {
    current: () => current,
    settled: () => last,
    write(body, writer) {
      const turn = last.then(async () => {
        const batch = applyBatch(current, body, writer);
        await store.save(current, batch.after);
        current = batch.after;
        return batch;
      });
      last = turn.catch(() => {});
      return turn;
    },
  };
}
