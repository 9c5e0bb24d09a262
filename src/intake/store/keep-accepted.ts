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
  /** Whether translators are told of it on commit. */
  isTold: boolean;
}

/**
 * All that is kept of accepted webhooks, in one statement; the digests of deliveries that are new. What
 * there is nothing of is not in the statement either.
 */
export function keepAccepted(
  sql: Sql,
  { noted, recountRequests, deliveries, isTold }: AcceptedWebhooks,
  pace: RecountPace,
) {
  const requested =
    recountRequests.length > 0
      ? sql`requested as (${requestRecounts(sql, recountRequests, { pace })}),`
      : sql``;
  const kept = keep(sql, deliveries, { isTold });
  return sql<{ digest: Buffer }[]>`
    with
      noted as (${noteWebhooks(sql, noted)}),
      ${requested}
      kept as (${kept})
    select digest from kept
  `;
}
