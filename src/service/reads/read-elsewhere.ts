import type { Ask } from "../../api/answer/forward.ts";
import type { Config } from "../../config/config.ts";
import { Failure } from "../../lib/failure.ts";
import { downloadNames } from "../../sheets/layout/file-names.ts";
import type { Reads } from "./reads.ts";

/** Nobody else's: what is asked for here has been asked for at the service's own port. */
export const HERE = "127.0.0.1";

/** Asks it at the port where it answers; its body is handed over as it is, compressed or not. */
export const askerOf =
  (port: () => number | undefined): Ask =>
  (path, init) => {
    const at = port();
    if (at === undefined) return Promise.reject(new Error("the process that reads is not there"));
    return fetch(`http://${HERE}:${at}${path}`, { ...init, decompress: false, redirect: "manual" });
  };

export async function elsewhere(): Promise<never> {
  throw new Failure("missing", "Another process of the service answers this.");
}

/** Of whoever has it asked: the routes are known there, and what they read is not. */
export const readElsewhere = ({ sheet }: Pick<Config, "sheet">) =>
  ({
    named: { events: elsewhere, ticketTypes: elsewhere },
    readRows: elsewhere,
    readUnderShops: elsewhere,
    lists: { events: elsewhere, ticketTypes: elsewhere },
    readChanges: elsewhere,
    readPaces: elsewhere,
    readCurves: elsewhere,
    readAccounts: elsewhere,
    readSellOuts: elsewhere,
    readSales: elsewhere,
    readLaunches: elsewhere,
    readSummary: elsewhere,
    readSeasonSales: elsewhere,
    readLevels: elsewhere,
    readForecast: elsewhere,
    readBacktest: elsewhere,
    downloads: { names: downloadNames(sheet.layout.tabs), read: elsewhere },
  }) satisfies Omit<Reads, "regions" | "forViews">;
