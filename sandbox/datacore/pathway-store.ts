import type postgres from "postgres";
import { z } from "zod";
import type { Tenant } from "./schema.ts";

export const Registration = z.object({
  tenant: z.string().min(1),
  dataCore: z.string().min(1),
  type: z.literal("virtual"),
  virtualConfig: z.object({ flowTypes: z.array(z.string().min(1)).min(1) }),
  labels: z.record(z.string(), z.string()).default({}),
  sizeClass: z.string().optional(),
  enabled: z.boolean().optional(),
});
export type Registration = z.output<typeof Registration>;

const count = z.int().nonnegative();

export const Pulse = z.object({
  pathwayId: z.uuid(),
  flowType: z.string().min(1),
  timeBucket: z.string().regex(/^\d{14}$/),
  eventId: z.uuid().nullable(),
  isLive: z.boolean(),
  buffer: z.object({ depth: count, reserved: count, sizeBytes: count }),
  counters: z.object({ acknowledged: count, failed: count, pulled: count }),
  uptimeMs: count,
});
export type Pulse = z.output<typeof Pulse>;

/** What an operator asks for in the console. Any type is passed on: the consumer says what it cannot do. */
export const Asked = z.object({
  type: z.string().min(1),
  position: z.looseObject({ timeBucket: z.string() }).nullable().default(null),
  sourceFlowTypes: z.array(z.string()).nullable().default(null),
  reason: z.string().nullable().default(null),
  stopAt: z.string().nullable().default(null),
});
export type Asked = z.output<typeof Asked>;

export interface Pathway {
  id: string;
  name: string;
  dataCore: string;
  flowTypes: string[];
  labels: Record<string, string>;
  registrations: number;
  paused: string[];
}

export interface PathwayCommand extends Asked {
  id: string;
  phases: string[];
  details: string | null;
}

const columns = (sql: postgres.ISql) => sql`
  id, name, data_core as "dataCore", flow_types as "flowTypes", labels, registrations, paused
`;

export async function register(
  sql: postgres.ISql,
  tenant: Tenant,
  name: string,
  { dataCore, virtualConfig, labels }: Registration,
) {
  const [row] = await sql<{ pathwayId: string; registrations: number }[]>`
    insert into datacore.pathway (tenant_id, name, data_core, flow_types, labels)
    values (${tenant.id}, ${name}, ${dataCore}, ${virtualConfig.flowTypes}, ${JSON.stringify(labels)}::text::jsonb)
    on conflict (tenant_id, name) do update set
      data_core     = excluded.data_core,
      flow_types    = excluded.flow_types,
      labels        = excluded.labels,
      registrations = datacore.pathway.registrations + 1
    returning id as "pathwayId", registrations
  `;
  if (!row) throw new Error(`pathway ${name} was not registered`);
  return { pathwayId: row.pathwayId, status: row.registrations === 1 ? "created" : "updated" };
}

export async function readPathway(
  sql: postgres.ISql,
  tenant: Tenant,
  { id, name }: { id?: string; name?: string },
) {
  const [row] = await sql<Pathway[]>`
    select ${columns(sql)} from datacore.pathway
    where tenant_id = ${tenant.id} and (id::text = ${id ?? null} or name = ${name ?? null})
  `;
  return row;
}

export const readPathways = (sql: postgres.ISql, tenant: Tenant) =>
  sql<Pathway[]>`
    select ${columns(sql)} from datacore.pathway where tenant_id = ${tenant.id} order by name
  `;

export const keepPulse = (sql: postgres.ISql, pulse: Pulse, now: Date) => sql`
  insert into datacore.pathway_pulse (pathway_id, flow_type, pulse, received_at)
  values (${pulse.pathwayId}, ${pulse.flowType}, ${JSON.stringify(pulse)}::text::jsonb, ${now})
  on conflict (pathway_id, flow_type) do update set
    pulse = excluded.pulse, received_at = excluded.received_at
`;

export const readPulses = (sql: postgres.ISql, id: string) =>
  sql<{ pulse: Pulse; receivedAt: Date }[]>`
    select pulse, received_at as "receivedAt"
    from datacore.pathway_pulse where pathway_id = ${id} order by flow_type
  `;

export async function ask(sql: postgres.ISql, pathwayId: string, asked: Asked) {
  const { type, position, sourceFlowTypes, reason, stopAt } = asked;
  const [row] = await sql<{ id: string }[]>`
    insert into datacore.pathway_command
      (pathway_id, type, position, source_flow_types, reason, stop_at)
    values (
      ${pathwayId}, ${type}, ${position && JSON.stringify(position)}::text::jsonb,
      ${sourceFlowTypes}, ${reason}, ${stopAt}
    )
    returning id
  `;
  return row?.id ?? "";
}

export const readCommands = (sql: postgres.ISql, pathwayId: string) =>
  sql<PathwayCommand[]>`
    select
      id, type, position, source_flow_types as "sourceFlowTypes", reason, stop_at as "stopAt",
      phases, details
    from datacore.pathway_command where pathway_id = ${pathwayId} order by seq
  `;

export const notePhase = (
  sql: postgres.ISql,
  id: string,
  { phase, details }: { phase: string; details?: string | undefined },
) => sql`
  update datacore.pathway_command
  set phases = phases || ${phase}::text, details = coalesce(${details ?? null}, details)
  where id = ${id}
`;

export const keepPaused = (sql: postgres.ISql, id: string, paused: string[]) => sql`
  update datacore.pathway set paused = ${paused} where id = ${id}
`;
