import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { EventInRows } from "../tables/event-state.ts";
import { projections as ofFacts } from "../tables/log-projections.ts";
import type { KeptProjection, Projection } from "../tables/projection.ts";
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
  kept: readonly KeptProjection[],
  { onFault, derivations = all, ...settings }: RowsOptions,
  shown?: ShownRows,
): Projection {
  const { claimPage, deriveAll } = deriver({ settings, derivations, ...(onFault && { onFault }) });
  return {
    tables: [...kept, ...(shown ? [shown] : []), ...derivations].flatMap(({ tables }) => tables),
    memory: [
      "derived_event",
      "derived_touch",
      ...[...kept, ...(shown ? [shown] : []), ...derivations].flatMap(({ memory = [] }) => memory),
    ],
    async apply(sql, facts, news) {
      const touched: Touched[] = [];
      const written: Promise<unknown>[] = [];
      for (const projection of kept) {
        const beginning = projection.begin(sql, facts);
        // Behind a statement that failed all others fail, and do not say why.
        await beginning.catch(() => inOrder(...written));
        const begun = await beginning;
        touched.push(...begun.touched);
        written.push(begun.written);
      }
      const merged = mergeTouched(touched);
      // All of it is on its way to PostgreSQL at once, in this order: the current rows, the locks, what
      // people's rows are made of, and behind the locks the past. So PostgreSQL is at work while rows are
      // made here.
      const rows = Promise.withResolvers<ReadonlyMap<string, EventInRows>>();
      const locked = shown?.lock(sql, facts);
      const deriving = claimPage(sql, merged).then((makeDerived) =>
        makeDerived({ rows: rows.promise, news }),
      );
      const showing = refreshShown(sql, facts);
      showing.then((made) => rows.resolve(made.rows), rows.reject);
      // Where nothing is derived nobody asks for them.
      rows.promise.catch(() => {});
      await inOrder(
        ...written,
        locked,
        showing.then(({ written: shownRows }) => shownRows.all),
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

/** Waits for all, also after a failure; that of the first is told where several fail, for it is why. */
async function inOrder(...all: (Promise<unknown> | undefined)[]) {
  for (const one of await Promise.allSettled(all)) if (one.status === "rejected") throw one.reason;
}
