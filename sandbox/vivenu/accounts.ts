import { randomBytes, randomUUID } from "node:crypto";
import type { ISql } from "postgres";

export interface SellerAccount {
  region: string;
  sellerId: string;
  name: string;
  currency: string;
  country: string;
  timezone: string;
}

const seller = (
  place: number,
  region: string,
  name: string,
  [currency, country, timezone]: [string, string, string],
): SellerAccount => ({
  region,
  sellerId: `6500a1b2c3d4e5f6010203${(place + 4).toString(16).padStart(2, "0")}`,
  name,
  currency,
  country,
  timezone,
});

/** The nine accounts. Currency is the seller's default; an event may sell in another one. */
export const SELLERS: readonly SellerAccount[] = [
  seller(0, "DACH", "Played Fitness Races DACH", ["EUR", "DE", "Europe/Berlin"]),
  seller(1, "FRANCE", "Played Fitness Races France", ["EUR", "FR", "Europe/Paris"]),
  seller(2, "ITALY", "Played Fitness Races Italy", ["EUR", "IT", "Europe/Rome"]),
  seller(3, "BENELUX", "Played Fitness Races Benelux", ["EUR", "NL", "Europe/Amsterdam"]),
  seller(4, "SWITZERLAND", "Played Fitness Races Switzerland", ["CHF", "CH", "Europe/Zurich"]),
  seller(5, "USA", "Played Fitness Races USA", ["USD", "US", "America/New_York"]),
  seller(6, "CANADA", "Played Fitness Races Canada", ["CAD", "CA", "America/Toronto"]),
  seller(7, "AUSTRALIA", "Played Fitness Races Australia", ["AUD", "AU", "Australia/Sydney"]),
  seller(8, "NORWAY", "Played Fitness Races Nordics", ["NOK", "NO", "Europe/Oslo"]),
];

/** What `GET /api/sellers/me` answers; Vivenu gives it no schema, `currency` is what matters. */
export const sellerDocument = (account: SellerAccount) => ({
  _id: account.sellerId,
  name: account.name,
  currency: account.currency,
  country: account.country,
  timezone: account.timezone,
  locale: "en",
  brandingUrl: `https://${account.region.toLowerCase()}.example.com`,
});

export interface StoredAccount extends SellerAccount {
  apiKey: string;
  hmacKey: string;
}

/** Keys are drawn once and kept, so a service configured with them outlives a restart. */
export async function createAccounts(sql: ISql, sellers: readonly SellerAccount[]) {
  for (const { region } of sellers) {
    await sql`
      insert into vivenu.account (region, api_key, hmac_key)
      values (${region}, ${`key_${randomBytes(20).toString("hex")}`}, ${randomUUID()})
    `;
  }
}

export async function readAccounts(sql: ISql): Promise<StoredAccount[]> {
  const kept = await sql<{ region: string; apiKey: string; hmacKey: string }[]>`
    select region, api_key as "apiKey", hmac_key as "hmacKey" from vivenu.account
  `;
  const keys = new Map(kept.map((row) => [row.region, row]));
  return SELLERS.flatMap((account) => {
    const row = keys.get(account.region);
    return row ? [{ ...account, ...row }] : [];
  });
}
