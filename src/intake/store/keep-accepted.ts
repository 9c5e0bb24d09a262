import type { Sql } from "../../database/connect.ts";
import { keep, type NewDelivery, noteWebhooks } from "./inbox.ts";
import { type HintPace, type Mark, markEvents } from "./recount-requests.ts";

export interface AcceptedWebhooks {
  /** Every webhook whose account is known. */
  noted: { account: string; type: string; receivedAt: Date }[];
  /** The events whose tickets are to be counted soon. */
  marks: Mark[];
  /** What is to be translated. */
  deliveries: NewDelivery[];
}

/** All that is kept of accepted webhooks, in one statement; the digests of deliveries that are new. */
export const keepAccepted = (
  tx: Sql,
  { noted, marks, deliveries }: AcceptedWebhooks,
  pace: HintPace,
) => tx<{ digest: Buffer }[]>`
  with
    noted as (${noteWebhooks(tx, noted)}),
    marked as (${markEvents(tx, marks, { pace })}),
    kept as (${keep(tx, deliveries)})
  select digest from kept
`;
