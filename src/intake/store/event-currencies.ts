import type { Sql } from "../../database/connect.ts";
import type { Sentence } from "../../lib/sentence.ts";
import { type CurrencyEvidence, currencyOf, type UnknownCurrency } from "../../rules/currency.ts";

/** Keeps what an event's tickets name, as they were counted last. */
export const saveCurrencies = (
  tx: Sql,
  account: string,
  eventId: string,
  currencies: readonly string[],
) => tx`
  insert into event_currency (account, event_id, currencies)
  values (${account}, ${eventId}, ${[...currencies]}::text[])
  on conflict (account, event_id) do update set currencies = excluded.currencies
  where event_currency.currencies <> excluded.currencies
`;

/** In what an event sells, as far as that is known. */
export async function readCurrency(
  sql: Sql,
  account: string,
  eventId: string,
): Promise<string | null> {
  return (await readCurrencies(sql, [{ account, eventId }]))[0]?.currency ?? null;
}

/** The same of many. */
export async function readCurrencies(
  sql: Sql,
  events: readonly { account: string; eventId: string }[],
): Promise<{ account: string; eventId: string; currency: string | null }[]> {
  const found = await sql<(CurrencyEvidence & { account: string; eventId: string })[]>`
    with
      wanted as (
        select * from unnest(
          ${events.map(({ account }) => account)}::text[],
          ${events.map(({ eventId }) => eventId)}::text[]
        ) as wanted (account, event_id)
      ),
      of_accounts as (
        select account, array(
          select distinct unnest(currencies) from event_currency c where c.account = one.account
        ) as currencies
        from (select distinct account from wanted) one
      )
    select
      account, event_id, seller.currency as seller, coalesce(own.currencies, '{}') as of_tickets,
      of_accounts.currencies as of_account
    from wanted
    join of_accounts using (account)
    left join seller using (account)
    left join event_currency own using (account, event_id)
  `;
  return found.map(({ account, eventId, ...evidence }) => {
    const { currency } = currencyOf(evidence);
    return { account, eventId, currency };
  });
}

interface DescribedEvent extends CurrencyEvidence {
  account: string;
  eventId: string;
  /** Of the description that was recorded last. */
  described: string | null;
  name: string;
  eventType: string;
  end: string;
}

const readDescribed = (sql: Sql, only: ReturnType<Sql>) => sql<DescribedEvent[]>`
  with of_accounts as (
    select account, array_agg(distinct currency order by currency) as currencies
    from event_currency, unnest(currencies) as currency
    group by account
  )
  select
    s.account, s.event_id, s.description ->> 'currency' as described,
    s.description ->> 'name' as name, s.description ->> 'eventType' as event_type,
    s.description ->> 'end' as "end", seller.currency as seller, coalesce(c.currencies, '{}') as of_tickets,
    coalesce(a.currencies, '{}') as of_account
  from event_seen s
  left join seller on seller.account = s.account
  left join event_currency c on c.account = s.account and c.event_id = s.event_id
  left join of_accounts a on a.account = s.account
  where s.deleted_at is null and ${only}
  order by s.account, s.description ->> 'start', s.event_id
`;

/** The events whose description has another currency than they sell in, as far as that is known. */
export async function readMiscalled(sql: Sql, account: string): Promise<string[]> {
  const described = await readDescribed(sql, sql`s.account = ${account}`);
  return described
    .filter((event) => currencyOf(event).currency !== event.described)
    .map(({ eventId }) => eventId);
}

/** They hold other events and sell nothing themselves. */
const PARENTS = ["ROOT", "GROUP"];

/** Why the currency of events that are not over is not known, in plain words. */
export async function readCurrencyNotes(sql: Sql, now: Date): Promise<Sentence[]> {
  const unknown = (await readDescribed(sql, sql`true`)).flatMap((event) => {
    const known = currencyOf(event);
    const isOver = Date.parse(event.end) <= now.getTime() || PARENTS.includes(event.eventType);
    return known.currency === null && !isOver ? { ...event, reason: known.reason } : [];
  });
  const alike = Map.groupBy(
    unknown,
    ({ account, reason, ofTickets }) => `${account} ${reason} ${ofTickets.join()}`,
  );
  return [...alike.values()].flatMap((events) => {
    const [first] = events;
    if (!first) return [];
    const names = events.map(({ name, eventId }) => `${name} (${eventId})`).join(", ");
    const text = `${because[first.reason](first)}, so the currency is not known of ${names}.`;
    return { account: first.account, text };
  });
}

const because: Record<UnknownCurrency, (event: DescribedEvent) => string> = {
  disputed: ({ account, ofTickets }) =>
    `${account}: the tickets of one event name ${inWords(ofTickets)}`,
  unsold: ({ account, ofAccount, seller }) =>
    `${account} sells in ${inWords([...new Set([...ofAccount, ...(seller ? [seller] : [])])].sort())} and no ticket of these was read yet`,
  unlearned: ({ account }) =>
    `${account}: Vivenu does not say its seller's currency and no ticket of these was read yet`,
};

const inWords = (codes: readonly string[]) =>
  codes.length < 2 ? codes.join() : `${codes.slice(0, -1).join(", ")} and ${codes.at(-1)}`;
