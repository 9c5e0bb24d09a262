import type { Sql } from "../../database/connect.ts";
import type { Seller } from "../../vivenu/wire.ts";

/** Keeps what Vivenu says of an account's owner; what it leaves out stays as it was. */
export async function saveSeller(sql: Sql, account: string, { _id, currency }: Seller, at: Date) {
  if (_id === null) return;
  await sql`
    insert into seller (account, seller_id, currency, learned_at)
    values (${account}, ${_id}, ${currency}, ${at})
    on conflict (account) do update set
      seller_id  = excluded.seller_id,
      currency   = coalesce(excluded.currency, seller.currency),
      learned_at = excluded.learned_at
  `;
}

export async function readSellerIds(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<{ account: string; sellerId: string }[]>`
    select account, seller_id from seller
  `;
  return new Map(rows.map(({ account, sellerId }) => [account, sellerId]));
}

export async function knowsCurrency(sql: Sql, account: string): Promise<boolean> {
  const [row] = await sql<{ known: boolean }[]>`
    select currency is not null as known from seller where account = ${account}
  `;
  return row?.known === true;
}
