import type { Pool, Sql } from "../database/connect.ts";
import type { Lease } from "../database/lease.ts";
import { lockLease } from "../database/lease-names.ts";
import { Failure } from "../lib/failure.ts";

/** Thrown to a reader in the middle of a page: what it had applied stays, and it stands still until it is released. */
export class FlowHeld extends Failure {
  constructor(flowType: string) {
    super("unavailable", `${flowType} is held on purpose`);
  }
}

export const whyNotWhileHeld = (flowTypes: readonly string[]) =>
  `${flowTypes.join(", ")} is paused: a replay would apply what is held. Resume it first`;

/** Thrown to whoever would swap rows in that are made of what is held. */
export class ReplayHeld extends Failure {
  constructor(flowTypes: readonly string[]) {
    super("unavailable", whyNotWhileHeld(flowTypes));
  }
}

export interface HeldFlowType {
  flowType: string;
  since: Date;
}

export const readHeld = (sql: Sql) => sql<HeldFlowType[]>`
  select flow_type, since from held_flow_type order by flow_type
`;

/** In the transaction that swaps this holds to its end: a pause is kept behind the same lease's row. */
export async function checkNothingHeld(sql: Sql) {
  const held = await readHeld(sql);
  if (held.length > 0) throw new ReplayHeld(held.map(({ flowType }) => flowType));
}

export interface HoldingOptions {
  sql: Pool;
  lease: Lease;
  now: () => Date;
  /** In the transaction that releases: what was sent meanwhile could not be read back. */
  onReleased: (tx: Sql, flowTypes: readonly string[]) => Promise<unknown>;
}

export type Holding = Awaited<ReturnType<typeof holding>>;

/**
 * The flow types that are held on purpose, as the one process knows them that reads the log. They are kept
 * in PostgreSQL, so that a restart holds them too, and in memory, so that a reader need not ask.
 */
export async function holding({ sql, lease, now, onReleased }: HoldingOptions) {
  const held = new Map((await readHeld(sql)).map(({ flowType, since }) => [flowType, since]));

  return {
    isHeld: (flowType: string) => held.has(flowType),
    isAnyHeld: () => held.size > 0,
    flowTypes: () => [...held.keys()],

    check(flowType: string) {
      if (held.has(flowType)) throw new FlowHeld(flowType);
    },

    /** Holds these and no others; `also` is of the same transaction. */
    async set(flowTypes: readonly string[], also: (tx: Sql) => Promise<unknown> = async () => {}) {
      const added = flowTypes.filter((flowType) => !held.has(flowType));
      const released = [...held.keys()].filter((flowType) => !flowTypes.includes(flowType));
      const since = now();
      // From here on readers begin no further transaction, and those under way are waited for below.
      for (const flowType of added) held.set(flowType, since);
      try {
        await sql.begin(async (tx) => {
          await lockLease(tx, lease.name);
          await lease.check(tx);
          await tx`
            insert into held_flow_type (flow_type, since)
            select flow_type, ${since} from unnest(${added}::text[]) as added (flow_type)
            on conflict do nothing
          `;
          await tx`delete from held_flow_type where flow_type = any(${released}::text[])`;
          if (released.length > 0) await onReleased(tx, released);
          await also(tx);
        });
      } catch (error) {
        for (const flowType of added) held.delete(flowType);
        throw error;
      }
      for (const flowType of released) held.delete(flowType);
    },
  };
}
