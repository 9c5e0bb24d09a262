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
  const { derivePage, deriveAll } = deriver({ settings, derivations, ...(onFault && { onFault }) });
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
      const { rows, written } = (await shown?.refresh(sql, facts)) ?? { rows: [], written: null };
      const rowOf = new Map(rows.map((row) => [row.event.eventId, row]));
      // What is derived is made of the same rows, and does not wait until they are written.
      await Promise.all([written, derivePage(sql, merged, { rows: rowOf, news })]);
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
}
