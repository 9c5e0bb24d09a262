import { Hono } from "hono";
import type postgres from "postgres";
import { z } from "zod";
import { type Datacore, requireGrant } from "./datacore.ts";
import { Problem, parse } from "./problem.ts";
import { readJson } from "./request-body.ts";
import { readTenant } from "./schema.ts";
import { eraseEvents } from "./store.ts";
import { isUuid } from "./uuid-v1.ts";

export interface DataCore {
  id: string;
  tenantId: string;
  tenant: string;
  name: string;
  description: string;
  accessControl: "public" | "private";
  deleteProtection: boolean;
  isDeleting: boolean;
  isFlowcoreManaged: boolean;
}

const Changes = z.object({
  description: z.string().optional(),
  accessControl: z.enum(["public", "private"]).optional(),
  deleteProtection: z.boolean().optional(),
});

const Creation = Changes.required().extend({
  tenantId: z.uuid(),
  name: z.string().min(1),
  isFlowcoreManaged: z.boolean().default(false),
});

const inBody = { status: 400, in: "body" } as const;

/** Lists are asked for with it, and it does no harm elsewhere. Probe: flowcore/data-core-list. */
const withAccess = (dataCore: DataCore) => ({
  ...dataCore,
  access: ["read", "write", "fetch", "ingest"],
});

export function dataCoreRoutes(datacore: Datacore) {
  const app = new Hono().basePath("/api/v1/data-cores");
  const { sql } = datacore;

  app.get("/", async (c) => {
    const dataCores = await listDataCores(datacore, c.req.query());
    return c.json(dataCores.map(withAccess));
  });

  app.post("/", async (c) => {
    const creation = parse(Creation, await readJson(c.req.raw), inBody);
    const tenant = await readTenant(sql, { id: creation.tenantId });
    if (!tenant) throw new Problem(404, `Tenant not found with id = ${creation.tenantId}`);
    requireGrant(datacore, "write", tenant.id);
    const id = await insertDataCore(sql, creation);
    return c.json(await requireDataCore(datacore, "read", id), 201);
  });

  app.get("/:id", async (c) =>
    c.json(withAccess(await requireDataCore(datacore, "read", c.req.param("id")))),
  );

  // Probe: flowcore/data-core-exists-not.
  app.get("/:id/exists", async (c) => {
    const found = await readDataCore(sql, c.req.param("id"));
    return c.json({ exists: found?.tenantId === datacore.tenant.id });
  });

  app.patch("/:id", async (c) => {
    const changes = parse(Changes, await readJson(c.req.raw), inBody);
    const { id } = await requireDataCore(datacore, "write", c.req.param("id"));
    await updateDataCore(sql, id, changes);
    return c.json(await requireDataCore(datacore, "read", id));
  });

  app.delete("/:id/request-delete", async (c) => {
    const { id, deleteProtection } = await requireDataCore(datacore, "write", c.req.param("id"));
    if (deleteProtection) throw new Problem(409, `DataCore ${id} is protected against deletion`);
    await deleteDataCore(sql, id);
    return c.json({ success: true });
  });

  return app;
}

export async function requireDataCore(datacore: Datacore, action: string, id: string) {
  const found = await readDataCore(datacore.sql, id);
  if (!found) throw new Problem(404, `DataCore not found with id = ${id}`);
  requireGrant(datacore, action, found.tenantId);
  return found;
}

const selectDataCore = (sql: postgres.ISql) => sql`
  select
    data_core.id,
    tenant.id            as "tenantId",
    tenant.name          as "tenant",
    data_core.name,
    description,
    access_control       as "accessControl",
    delete_protection    as "deleteProtection",
    false                as "isDeleting",
    is_flowcore_managed  as "isFlowcoreManaged"
  from datacore.data_core
  join datacore.tenant on tenant.id = data_core.tenant_id
`;

async function readDataCore(sql: postgres.ISql, id: string) {
  if (!isUuid(id)) return undefined;
  const [found] = await sql<DataCore[]>`${selectDataCore(sql)} where data_core.id = ${id}`;
  return found;
}

/**
 * What the key may see: its tenant's, whoever's were asked for.
 * Probes: flowcore/fetch-by-name, flowcore/unknown-data-core.
 */
const listDataCores = ({ sql, tenant }: Datacore, asked: Record<string, string>) =>
  sql<DataCore[]>`
    ${selectDataCore(sql)}
    where tenant.id = ${tenant.id}
      and tenant.id::text = ${asked.tenantId ?? tenant.id}
      and tenant.name = ${asked.tenant ?? tenant.name}
      and (${asked.name ?? null}::text is null or data_core.name = ${asked.name ?? null})
    order by data_core.name
  `;

async function insertDataCore(sql: postgres.ISql, creation: z.output<typeof Creation>) {
  const { tenantId, name, description, accessControl, deleteProtection } = creation;
  const [created] = await sql<{ id: string }[]>`
    insert into datacore.data_core
      (tenant_id, name, description, access_control, delete_protection, is_flowcore_managed)
    values
      (${tenantId}, ${name}, ${description}, ${accessControl}, ${deleteProtection},
       ${creation.isFlowcoreManaged})
    on conflict do nothing
    returning id
  `;
  if (!created) throw new Problem(409, `DataCore already exists with name = ${name}`);
  return created.id;
}

const updateDataCore = (sql: postgres.ISql, id: string, changes: z.output<typeof Changes>) => sql`
  update datacore.data_core set
    description       = coalesce(${changes.description ?? null}, description),
    access_control    = coalesce(${changes.accessControl ?? null}, access_control),
    delete_protection = coalesce(${changes.deleteProtection ?? null}, delete_protection)
  where id = ${id}
`;

const deleteDataCore = (sql: postgres.Sql, id: string) =>
  sql.begin(async (tx) => {
    const eventTypes = await tx<{ id: string }[]>`
      select event_type.id
      from datacore.event_type
      join datacore.flow_type on flow_type.id = event_type.flow_type_id
      where flow_type.data_core_id = ${id}
    `;
    await eraseEvents(
      tx,
      eventTypes.map((eventType) => eventType.id),
    );
    await tx`delete from datacore.data_core where id = ${id}`;
  });
