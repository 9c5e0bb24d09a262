import type { NotifySettings } from "../notify/settings.ts";
import type { ConfiguredKey } from "./api-keys.ts";

interface NamesRegions {
  notify: Pick<NotifySettings, "rules" | "digest"> | undefined;
  copies: readonly { regions?: readonly string[] | undefined }[];
  keys: readonly Pick<ConfiguredKey, "name" | "accounts">[];
}

/**
 * Accounts that a setting is kept to and nobody has: a rule, a spreadsheet or a key that is for none of the
 * others would say nothing for ever, and nobody would be told why.
 */
export function regionFaults({ notify, copies, keys }: NamesRegions, known: readonly string[]) {
  const named: (readonly [where: string, regions: readonly string[] | undefined])[] = [
    ...(notify?.rules ?? []).map(
      ({ regions }, index) => [`NOTIFICATIONS rules.${index}.regions`, regions] as const,
    ),
    ["NOTIFICATIONS digest.regions", notify?.digest?.regions],
    ...copies.map(({ regions }, index) => [`SHEET_COPIES ${index}.regions`, regions] as const),
  ];
  return [
    ...named.flatMap(([where, regions]) => notAmong(where, regions, known)),
    ...keyFaults("API_KEYS", keys, known),
  ];
}

/** Such a key sees nothing, and says to whoever has it that nothing is there. */
export const keyFaults = (
  where: string,
  keys: NamesRegions["keys"],
  known: readonly string[],
): string[] => keys.flatMap(({ name, accounts }) => notAmong(`${where} ${name}`, accounts, known));

const notAmong = (where: string, regions: readonly string[] = [], known: readonly string[]) =>
  [...new Set(regions)]
    .filter((region) => !known.includes(region))
    .map(
      (region) =>
        `${where} names ${JSON.stringify(region)}, which is no account; there are ${known.join(", ")}`,
    );
