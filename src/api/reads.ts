import type { ChangesOptions } from "./changes/changes.ts";
import type { LaunchesOptions } from "./changes/launches.ts";
import type {
  ReadAccounts,
  ReadBacktest,
  ReadCurves,
  ReadLists,
  ReadPaces,
  ReadRows,
  ReadSellOuts,
  ReadUnderShops,
} from "./events/row-reads.ts";
import type { SummaryOptions } from "./events/summary.ts";
import type { Downloads } from "./files/downloads.ts";
import type { ReadNamed } from "./request/named.ts";
import type { ForecastRouteOptions } from "./sales/forecast.ts";
import type { LevelsOptions } from "./sales/levels.ts";
import type { SalesOptions } from "./sales/sales.ts";
import type { SeasonSalesOptions } from "./sales/season-sales.ts";

/** All that is read of the rows, for the routes of the API and the views of the page. */
export interface ApiReads {
  named: ReadNamed;
  readRows: ReadRows;
  readUnderShops: ReadUnderShops;
  lists: ReadLists;
  readPaces: ReadPaces;
  readCurves: ReadCurves;
  readAccounts: ReadAccounts;
  readSellOuts: ReadSellOuts;
  readChanges: ChangesOptions["readChanges"];
  readSales: SalesOptions["readSales"];
  readLaunches: LaunchesOptions["readLaunches"];
  readSummary: SummaryOptions["readSummary"];
  readSeasonSales: SeasonSalesOptions["readSeasonSales"];
  readLevels: LevelsOptions["readLevels"];
  readForecast: ForecastRouteOptions["readForecast"];
  readBacktest: ReadBacktest;
  /** The sheet's tabs as files. */
  downloads?: Downloads;
}

/** Those of them by which views are made of the same rows for many who look. */
export type ViewReads = Pick<
  ApiReads,
  | "lists"
  | "readLaunches"
  | "readChanges"
  | "readSummary"
  | "readAccounts"
  | "readRows"
  | "readUnderShops"
  | "readSales"
  | "readLevels"
>;
