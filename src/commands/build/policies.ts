/**
 * What the operator's settings mean to each room. Every process of `serve` asks for it, so nothing is
 * imported here but types: what a room does is built in the files beside this one.
 */
import type { Config } from "../../config/config.ts";

const DEBOUNCE_MS = 30_000;

/** Whose events are looked at: the configured accounts', less those that the operator leaves out. */
export const watchedOf = ({ vivenu }: Config) => ({
  accounts: vivenu.accounts.map(({ region }) => region),
  exclude: vivenu.filter.exclude,
});

export const recountPaceOf = ({ vivenu }: Config) => ({
  debounceMs: DEBOUNCE_MS,
  intervalMs: vivenu.recountIntervalMs,
});

/** How rows are made of what is kept. */
export const rowPolicyOf = (config: Config) => ({
  policy: capacityPolicyOf(config),
  classes: config.rules.classes,
  soldOut: config.rules.soldOut,
});

export const capacityPolicyOf = ({ rules }: Config) => ({
  countedClasses: rules.charityInTotals ? (["race", "charity"] as const) : (["race"] as const),
  underShopSales: rules.underShopSales,
  exemptTypes: rules.exemptTypes,
});

/**
 * What sales are of: the played Vivenu answers on this machine alone, and everybody's is elsewhere. A database
 * is of one Vivenu, so that played sales are never beside real ones.
 */
export function historyOf({ vivenu }: Pick<Config, "vivenu">) {
  const host = new URL(vivenu.baseUrl).hostname;
  const isHere = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);
  return isHere ? ("played" as const) : ("stored" as const);
}
