import { between, type Random } from "../random.ts";
import { copyEvent } from "./event-changes.ts";
import { readEvent } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { refund, sell } from "./sales.ts";
import type { Stage } from "./stage.ts";

/** As much as is needed of a row of either list. */
export type ListRow = { _id: string; eventId?: string; status?: string };

/** A page that was just read, and what is about to change behind the reader's back. */
export interface Behind {
  stage: Stage;
  rows: readonly ListRow[];
  random: Random;
}

const oneOf = <Row>(rows: readonly Row[], random: Random) =>
  rows[between(random, 0, rows.length - 1)];

/** Tickets of events that are on the page: they belong into the list that is being read. */
export async function sellSome({ stage, rows, random }: Behind, count: number) {
  for (let n = 0; n < count; n += 1) {
    const event = await readEvent(stage.sql, oneOf(rows, random)?.eventId ?? "");
    const type = event && oneOf(event.document.tickets, random);
    if (event && type) await sell(stage, event, { ticketTypeId: type._id, count: 1 });
  }
}

export async function refundSome({ stage, rows, random }: Behind, count: number) {
  const valid = rows.filter(({ status }) => status === "VALID");
  for (let n = 0; n < count; n += 1) {
    const row = oneOf(valid, random);
    if (row) await unlessGone(refund(stage, row._id));
  }
}

export async function copySome({ stage, rows, random }: Behind, count: number) {
  const row = oneOf(rows, random);
  for (let n = 0; row && n < count; n += 1) await unlessGone(copyEvent(stage, row._id, {}));
}

/** Somebody else may have changed or removed it in the meantime. */
const unlessGone = (change: Promise<unknown>) =>
  change.catch((error) => {
    if (!(error instanceof HttpError)) throw error;
  });
