import type { Sql } from "../../database/connect.ts";
import { keep, type NewDelivery, noteWebhooks } from "./inbox.ts";
import { type NewRecountRequest, type RecountPace, requestRecounts } from "./recount-requests.ts";

export interface AcceptedWebhooks {
  /** Every webhook whose account is known. */
  noted: { account: string; type: string; receivedAt: Date }[];
  /** The events whose tickets are to be counted soon. */
  recountRequests: NewRecountRequest[];
  /** What is to be translated. */
  deliveries: NewDelivery[];
}

/** All that is kept of accepted webhooks, in one statement; the digests of deliveries that are new. */
export const keepAccepted = (
  tx: Sql,
  { noted, recountRequests, deliveries }: AcceptedWebhooks,
  pace: RecountPace,
) => tx<{ digest: Buffer }[]>`
  with
    noted as (${noteWebhooks(tx, noted)}),
    requested as (${requestRecounts(tx, recountRequests, { pace })}),
    kept as (${keep(tx, deliveries)})
  select digest from kept
`;
