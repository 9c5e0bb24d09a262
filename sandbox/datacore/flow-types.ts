import { Hono } from "hono";
import type postgres from "postgres";
import { z } from "zod";
import { requireDataCore } from "./data-cores.ts";
import { type Datacore, requireGrant } from "./datacore.ts";
import { Problem, parse } from "./problem.ts";
import { readJson } from "./request-body.ts";
import { eraseEvents } from "./store.ts";
import { isUuid } from "./uuid-v1.ts";

export interface FlowType {
  id: string;
  tenantId: string;
  dataCoreId: string;
  name: string;
  description: string;
  isDeleting: boolean;
}

const Changes = z.object({ description: z.string().optional() });
const Creation = z.object({
  dataCoreId: z.string(),
  name: z.string().min(1),
  description: z.string(),
});
const ListQuery = z.object({ dataCoreId: z.string(), name: z.string().optional() });

const inBody = { status: 400, in: "body" } as const;

export function flowTypeRoutes(datacore: Datacore) {
  const app = new Hono().basePath("/api/v1/flow-types");
  const { sql } = datacore;

  app.get("/", async (c) =>
    c.json(
      await listFlowTypes(datacore, parse(ListQuery, c.req.query(), { status: 400, in: "query" })),
    ),
  );

  app.post("/", async (c) => {
    const creation = parse(Creation, await readJson(c.req.raw), inBody);
    await requireDataCore(datacore, "write", creation.dataCoreId);
    const id = await insertFlowType(sql, creation);
    return c.json(await requireFlowType(datacore, "read", id), 201);
  });

  app.get("/:id", async (c) => c.json(await requireFlowType(datacore, "read", c.req.param("id"))));

  app.get("/:id/exists", async (c) => {
    const found = await readFlowType(sql, c.req.param("id"));
    return c.json({ exists: found?.tenantId === datacore.tenant.id });
  });

  app.patch("/:id", async (c) => {
    const { description } = parse(Changes, await readJson(c.req.raw), inBody);
    const { id } = await requireFlowType(datacore, "write", c.req.param("id"));
    await sql`
      update datacore.flow_type set description = coalesce(${description ?? null}, description)
      where id = ${id}
    `;
    return c.json(await requireFlowType(datacore, "read", id));
  });

  app.delete("/:id/request-delete", async (c) => {
    const { id } = await requireFlowType(datacore, "write", c.req.param("id"));
    await deleteFlowType(sql, id);
    return c.json({ success: true });
  });

  return app;
}

export async function requireFlowType(datacore: Datacore, action: string, id: string) {
  const found = await readFlowType(datacore.sql, id);
  if (!found) throw new Problem(404, `FlowType not found with id = ${id}`);
  requireGrant(datacore, action, found.tenantId);
  return found;
}

const selectFlowType = (sql: postgres.ISql) => sql`
  select
    flow_type.id,
    data_core.tenant_id  as "tenantId",
    data_core.id         as "dataCoreId",
    flow_type.name,
    flow_type.description,
    false                as "isDeleting"
  from datacore.flow_type
  join datacore.data_core on data_core.id = flow_type.data_core_id
`;

async function readFlowType(sql: postgres.ISql, id: string) {
  if (!isUuid(id)) return undefined;
  const [found] = await sql<FlowType[]>`${selectFlowType(sql)} where flow_type.id = ${id}`;
  return found;
}

const listFlowTypes = (
  { sql, tenant }: Datacore,
  { dataCoreId, name }: z.output<typeof ListQuery>,
) => sql<FlowType[]>`
  ${selectFlowType(sql)}
  where data_core.tenant_id = ${tenant.id}
    and data_core.id = ${isUuid(dataCoreId) ? dataCoreId : null}
    and (${name ?? null}::text is null or flow_type.name = ${name ?? null})
  order by flow_type.name
`;

async function insertFlowType(
  sql: postgres.ISql,
  { dataCoreId, name, description }: z.output<typeof Creation>,
) {
  const [created] = await sql<{ id: string }[]>`
    insert into datacore.flow_type (data_core_id, name, description)
    values (${dataCoreId}, ${name}, ${description})
    on conflict do nothing
    returning id
  `;
  // Probe: flowcore/taken-name.
  if (!created) throw new Problem(409, `FlowType already exists with name = ${name}`);
  return created.id;
}

const deleteFlowType = (sql: postgres.Sql, id: string) =>
  sql.begin(async (tx) => {
    const eventTypes = await tx<{ id: string }[]>`
      select id from datacore.event_type where flow_type_id = ${id}
    `;
    await eraseEvents(
      tx,
      eventTypes.map((eventType) => eventType.id),
    );
    await tx`delete from datacore.flow_type where id = ${id}`;
  });
