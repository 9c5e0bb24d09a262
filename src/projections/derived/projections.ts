import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { inOrder } from "../../lib/in-order.ts";
import type { EventInRows } from "../tables/event-state.ts";
import { projections as ofFacts } from "../tables/log-projections.ts";
import {
  applyBegun,
  type BeginOptions,
  type Begun,
  type Projection,
} from "../tables/projection.ts";
import { rowsMemory } from "../tables/remembered-rows.ts";
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
  const remembered = rowsMemory();
  return {
    tables: [...kept, ...(shown ? [shown] : []), ...derivations].flatMap(({ tables }) => tables),
    memory: [
      "derived_event",
      "derived_touch",
      ...[...kept, ...(shown ? [shown] : []), ...derivations].flatMap(({ memory = [] }) => memory),
    ],
    begin,
    apply: (sql, facts, news) => applyBegun(begin(sql, facts, { news })),
    async keep(sql, facts, given) {
      for (const projection of kept) await projection.keep(sql, facts, given);
    },
    async rebuild(sql) {
      for (const projection of kept) await projection.rebuild(sql);
      await shown?.rebuild(sql);
      await deriveAll(sql);
    },
    forget: () => remembered.clear(),
  };

  async function begin(
    sql: Sql,
    facts: Fact[],
    { news, again = false }: BeginOptions = {},
  ): Promise<Begun> {
    const touched: Touched[] = [];
    const current: Promise<unknown>[] = [];
    for (const projection of kept) {
      const beginning = projection.begin(sql, facts, { rows: remembered, again });
      await beginning.catch(() => inOrder(current));
      const begun = await beginning;
      touched.push(...begun.touched);
      current.push(begun.written);
    }
    const merged = mergeTouched(touched);
    // All of it is on its way to PostgreSQL at once, in this order: the current rows, the locks, what
    // people's rows are made of, and the past. So PostgreSQL looks the past up while rows are made here.
    const rows = Promise.withResolvers<ReadonlyMap<string, EventInRows>>();
    const locked = shown?.lock(sql, facts);
    const makeDerived = claimPage(sql, merged);
    const showing = refreshShown(sql, facts);
    showing.then((made) => rows.resolve(made.rows), rows.reject);
    const deriving = makeDerived({ rows: rows.promise, news });
    // Where nothing is derived nobody asks for them.
    rows.promise.catch(() => {});
    const [, , { written: shownRows }, { written: derivedRows }] = await inOrder([
      inOrder(current),
      locked,
      showing,
      deriving,
    ]);
    const written = inOrder([shownRows.all, derivedRows]);
    // Whoever fails before it is waited for tells of that.
    written.catch(() => {});
    return { touched: merged, written };
  }

  async function refreshShown(sql: Sql, facts: readonly Fact[]) {
    const { rows, written } = (await shown?.refresh(sql, facts, remembered)) ?? {
      rows: [],
      written: undefined,
    };
    return {
      rows: new Map(rows.map((row) => [row.event.eventId, row])),
      written: { all: written },
    };
  }
}
