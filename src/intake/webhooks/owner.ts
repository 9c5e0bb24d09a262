import type { WebhookAccount } from "./address.ts";

/**
 * - an account's region, where key and seller say the same
 * - `unlearned`  a poll will tell whether the seller is an account's whose key fits
 * - `foreign`    the seller is none of theirs
 * - `doubtful`   several accounts share the key, and no seller is named
 */
export type Owner = { region: string } | "unlearned" | "foreign" | "doubtful";

/** The seller that a delivery names must be that of an account whose key fits. */
export async function ownerOf(
  sellerId: string | null,
  signed: WebhookAccount[],
  readLearned: (sellerId: string) => Promise<ReadonlyMap<string, string>>,
): Promise<Owner> {
  if (sellerId === null) {
    const [only, ...others] = signed;
    return only && others.length === 0 ? { region: only.region } : "doubtful";
  }
  const learned = await readLearned(sellerId);
  const sellerOf = ({ region, sellerId }: WebhookAccount) => sellerId ?? learned.get(region);
  const owner = signed.find((account) => sellerOf(account) === sellerId);
  if (owner) return { region: owner.region };
  return signed.some((account) => sellerOf(account) === undefined) ? "unlearned" : "foreign";
}
