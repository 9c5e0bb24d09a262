import { z } from "zod";
import { sharedBy } from "../lib/shared.ts";
import { Secret } from "./secret.ts";
import { type Given, names, SHORTEST_KEY } from "./values.ts";

/** The accounts of HYROX; another seller's are named in `VIVENU_REGIONS`. */
export const HYROX_REGIONS = [
  "DACH",
  "FRANCE",
  "ITALY",
  "BENELUX",
  "SWITZERLAND",
  "USA",
  "CANADA",
  "AUSTRALIA",
  "NORWAY",
];

export const regionNames = names
  .transform((list) => [...new Set(list.map((name) => name.toUpperCase()))])
  .pipe(
    z
      .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,31}$/, "must be names like DACH or UK_IRELAND"))
      .min(1, "names no account"),
  );

const REGION_VARIABLES = ["API", "WEBHOOK_SECRET", "SELLER_ID"] as const;

export const regionVariables = (regions: string[]) =>
  regions.flatMap((region) => REGION_VARIABLES.map((name) => `${region}_${name}`));

export interface AccountConfig {
  region: string;
  apiKey: Secret;
  /** Tried in turn; more than one while a key is being rotated, none where webhooks are refused. */
  webhookKeys: Secret[];
  /** Configured; else learned from Vivenu. */
  sellerId: string | undefined;
}

export const accountsOf = (regions: string[], given: Given): AccountConfig[] =>
  regions.flatMap((region) => {
    const apiKey = given[`${region}_API`];
    if (apiKey === undefined) return [];
    const keys = given[`${region}_WEBHOOK_SECRET`] ?? given.VIVENU_SECRET ?? "";
    return {
      region,
      apiKey: new Secret(apiKey),
      webhookKeys: names.parse(keys).map((key) => new Secret(key)),
      sellerId: given[`${region}_SELLER_ID`],
    };
  });

export function accountFaults(regions: string[], accounts: AccountConfig[]): string[] {
  if (accounts.length === 0)
    return [`no account: set at least one of ${regions.map((name) => `${name}_API`).join(", ")}`];
  return [
    ...accounts
      .filter(({ apiKey }) => !/^[\x21-\x7e]+$/.test(apiKey.reveal()))
      .map(({ region }) => `${region}_API holds a character that no key can`),
    ...sharedFaults(accounts, "API", ({ apiKey }) => apiKey.reveal()),
    ...sharedFaults(accounts, "SELLER_ID", ({ sellerId }) => sellerId),
  ];
}

/** Two accounts of one seller would take every event from each other, at each poll. */
function sharedFaults(
  accounts: AccountConfig[],
  name: (typeof REGION_VARIABLES)[number],
  ofAccount: (account: AccountConfig) => string | undefined,
): string[] {
  return sharedBy(accounts, ofAccount).map(({ some }) => {
    const shared = some.map(({ region }) => `${region}_${name}`).join(" and ");
    return `${shared} are the same: each account has its own`;
  });
}

export const webhookKeyFaults = (regions: string[], given: Given): string[] =>
  ["VIVENU_SECRET", ...regions.map((region) => `${region}_WEBHOOK_SECRET`)]
    .filter((name) => {
      const keys = given[name] === undefined ? undefined : names.parse(given[name]);
      return keys && (keys.length === 0 || keys.some((key) => key.length < SHORTEST_KEY));
    })
    .map((name) => `${name} must be ${SHORTEST_KEY} characters at least`);
