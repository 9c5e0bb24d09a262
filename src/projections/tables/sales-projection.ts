import type { Fact, SalesChanged, SalesCounted } from "../../contracts/index.ts";
import { keepCounts, refreshSales } from "./counts.ts";
import { keepHours } from "./hours.ts";
import { factsOf, projection } from "./projection.ts";

/** What was sold: every count that the log holds, the newest numbers of each ticket type, and each hour. */
export const sales = projection({
  tables: ["named_set", "event_count", "ticket_type_count", "ticket_type_sales", "sales_hour"],
  async keep(sql, facts, options) {
    const counted = countsOf(facts);
    const [touched] = await Promise.all([
      keepCounts(sql, counted, options),
      keepHours(
        sql,
        counted.filter(({ complete }) => complete),
        options,
      ),
    ]);
    return touched;
  },
  async refresh(sql, touched) {
    if (touched.eventIds.length > 0) await refreshSales(sql, touched).execute();
  },
  touched: ({ events }) => events,
  rebuild: (sql) => refreshSales(sql, "all"),
});

/** A count, or what changed since the count before it. */
export type Count = { whole: boolean } & (SalesCounted | SalesChanged);

const countsOf = (facts: Fact[]): Count[] => [
  ...factsOf(facts, "sales.counted.0").map(({ payload }) => ({ ...payload, whole: true })),
  ...factsOf(facts, "sales.changed.0").map(({ payload }) => ({ ...payload, whole: false })),
];
