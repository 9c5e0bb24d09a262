import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { EventInRows } from "../tables/event-state.ts";
import { projections as ofFacts } from "../tables/log-projections.ts";
import type { Projection } from "../tables/projection.ts";
import { type ShownRows, shownRows } from "../tables/shown-rows.ts";
import { mergeTouched, type Touched } from "../tables/touched.ts";
import type { Derivation, RowSettings } from "./derivation.ts";
import { derivations as all } from "./derivations.ts";
import { type DeriverOptions, deriver } from "./deriver.ts";

export interface RowsOptions extends RowSettings, Pick<DeriverOptions, "onFault"> {
  derivations?: readonly Derivation[];
}

/** All that is kept: what the log says, and with it what depends on what the operator decides. */
export const projectionsFor = (options: RowsOptions): Projection[] => [
  withDerived(ofFacts, options, shownRows(options)),
];

/** How facts become rows, and rows that are made of these under the operator's settings. */
export function withDerived(
  kept: readonly Projection[],
  { onFault, derivations = all, ...settings }: RowsOptions,
  shown?: ShownRows,
): Projection {
  const { claimPage, deriveAll } = deriver({ settings, derivations, ...(onFault && { onFault }) });
  return {
    tables: [...kept, ...(shown ? [shown] : []), ...derivations].flatMap(({ tables }) => tables),
    memory: [
      ...["derived_event", "derived_touch"],
      ...[...kept, ...(shown ? [shown] : []), ...derivations].flatMap(({ memory = [] }) => memory),
    ],
    async apply(sql, facts, news) {
      const touched: Touched[] = [];
      for (const projection of kept) touched.push(...(await projection.apply(sql, facts)));
      const merged = mergeTouched(touched);
      const [, makeDerived] = await Promise.all([shown?.lock(sql, facts), claimPage(sql, merged)]);
      // What is derived looks up the past first, in front of the rows that it is made of as well: so
      // PostgreSQL is at work while they are made here.
      const rows = Promise.withResolvers<ReadonlyMap<string, EventInRows>>();
      const deriving = makeDerived({ rows: rows.promise, news });
      const showing = refreshShown(sql, facts);
      showing.then((made) => rows.resolve(made.rows), rows.reject);
      // Where nothing is derived nobody asks for them.
      rows.promise.catch(() => {});
      await inOrder(
        showing.then(({ written }) => written.all),
        deriving,
      );
      return merged;
    },
    async keep(sql, facts, given) {
      for (const projection of kept) await projection.keep(sql, facts, given);
    },
    async rebuild(sql) {
      for (const projection of kept) await projection.rebuild(sql);
      await shown?.rebuild(sql);
      await deriveAll(sql);
    },
  };
  async function refreshShown(sql: Sql, facts: readonly Fact[]) {
    const { rows, written } = (await shown?.refresh(sql, facts)) ?? {
      rows: [],
      written: undefined,
    };
    return {
      rows: new Map(rows.map((row) => [row.event.eventId, row])),
      written: { all: written },
    };
  }
}

/** Waits for both, also after a failure; that of the first is told where both fail, for it is why. */
async function inOrder(first: Promise<unknown>, second: Promise<unknown>) {
  for (const one of await Promise.allSettled([first, second]))
    if (one.status === "rejected") throw one.reason;
}
