import { Hono } from "hono";
import type postgres from "postgres";
import { z } from "zod";
import { type Datacore, requireGrant } from "./datacore.ts";
import { requireFlowType } from "./flow-types.ts";
import { Problem, parse } from "./problem.ts";
import { readJson } from "./request-body.ts";
import { eraseEvents } from "./store.ts";
import { isUuid } from "./uuid-v1.ts";

interface EventTypeRow {
  id: string;
  tenantId: string;
  dataCoreId: string;
  flowTypeId: string;
  name: string;
  description: string;
  isTruncating: boolean;
  isDeleting: boolean;
  createdAt: Date;
  updatedAt: Date | null;
  sensitiveDataMask: unknown;
  sensitiveDataEnabled: boolean;
}

const Mask = z.object({ key: z.string(), schema: z.record(z.string(), z.unknown()) });
const Changes = z.object({
  description: z.string().optional(),
  sensitiveDataMask: Mask.nullish(),
  sensitiveDataEnabled: z.boolean().optional(),
});
const Creation = Changes.extend({
  flowTypeId: z.string(),
  name: z.string().min(1),
  description: z.string(),
});
const ListQuery = z.object({ flowTypeId: z.string(), name: z.string().optional() });

const inBody = { status: 400, in: "body" } as const;

export function eventTypeRoutes(datacore: Datacore) {
  const app = new Hono().basePath("/api/v1/event-types");
  const { sql, now } = datacore;

  app.get("/", async (c) => {
    const query = parse(ListQuery, c.req.query(), { status: 400, in: "query" });
    const rows = await listEventTypes(datacore, query);
    return c.json(rows.map(withoutNullMask));
  });

  app.post("/", async (c) => {
    const creation = parse(Creation, await readJson(c.req.raw), inBody);
    await requireFlowType(datacore, "write", creation.flowTypeId);
    const id = await insertEventType(sql, creation, now());
    return c.json(await requireEventType(datacore, "read", id), 201);
  });

  app.get("/:id", async (c) => c.json(await requireEventType(datacore, "read", c.req.param("id"))));

  app.get("/:id/exists", async (c) => {
    const found = await readEventType(sql, c.req.param("id"));
    return c.json({ exists: found?.tenantId === datacore.tenant.id });
  });

  app.patch("/:id", async (c) => {
    const changes = parse(Changes, await readJson(c.req.raw), inBody);
    const { id } = await requireEventType(datacore, "write", c.req.param("id"));
    await updateEventType(sql, id, { ...changes, updatedAt: now() });
    return c.json(await requireEventType(datacore, "read", id));
  });

  app.delete("/:id/request-truncate", async (c) => {
    const { id } = await requireEventType(datacore, "write", c.req.param("id"));
    await eraseEvents(sql, [id]);
    return c.json({ success: true });
  });

  app.delete("/:id/request-delete", async (c) => {
    const { id } = await requireEventType(datacore, "write", c.req.param("id"));
    await sql.begin(async (tx) => {
      await eraseEvents(tx, [id]);
      await tx`delete from datacore.event_type where id = ${id}`;
    });
    return c.json({ success: true });
  });

  return app;
}

async function requireEventType(datacore: Datacore, action: string, id: string) {
  const found = await readEventType(datacore.sql, id);
  if (!found) throw new Problem(404, `EventType not found with id = ${id}`);
  requireGrant(datacore, action, found.tenantId);
  return withoutNullMask(found);
}

/** An optional field is absent or a value, never null. */
function withoutNullMask({ sensitiveDataMask, ...eventType }: EventTypeRow) {
  return { ...eventType, ...(sensitiveDataMask !== null && { sensitiveDataMask }) };
}

const selectEventType = (sql: postgres.ISql) => sql`
  select
    event_type.id,
    data_core.tenant_id     as "tenantId",
    data_core.id            as "dataCoreId",
    flow_type.id            as "flowTypeId",
    event_type.name,
    event_type.description,
    false                   as "isTruncating",
    false                   as "isDeleting",
    created_at              as "createdAt",
    updated_at              as "updatedAt",
    sensitive_data_mask     as "sensitiveDataMask",
    sensitive_data_enabled  as "sensitiveDataEnabled"
  from datacore.event_type
  join datacore.flow_type on flow_type.id = event_type.flow_type_id
  join datacore.data_core on data_core.id = flow_type.data_core_id
`;

async function readEventType(sql: postgres.ISql, id: string) {
  if (!isUuid(id)) return undefined;
  const [found] = await sql<EventTypeRow[]>`${selectEventType(sql)} where event_type.id = ${id}`;
  return found;
}

// Probe: flowcore/event-type-list.
const listEventTypes = (
  { sql, tenant }: Datacore,
  { flowTypeId, name }: z.output<typeof ListQuery>,
) => sql<EventTypeRow[]>`
  ${selectEventType(sql)}
  where data_core.tenant_id = ${tenant.id}
    and flow_type.id = ${isUuid(flowTypeId) ? flowTypeId : null}
    and (${name ?? null}::text is null or event_type.name = ${name ?? null})
  order by event_type.name
`;

const asJson = (value: unknown) => (value == null ? null : JSON.stringify(value));

async function insertEventType(
  sql: postgres.ISql,
  creation: z.output<typeof Creation>,
  createdAt: Date,
) {
  const { flowTypeId, name, description, sensitiveDataMask, sensitiveDataEnabled } = creation;
  const [created] = await sql<{ id: string }[]>`
    insert into datacore.event_type
      (flow_type_id, name, description, sensitive_data_mask, sensitive_data_enabled, created_at)
    values
      (${flowTypeId}, ${name}, ${description}, ${asJson(sensitiveDataMask)}::text::jsonb,
       ${sensitiveDataEnabled ?? false}, ${createdAt})
    on conflict do nothing
    returning id
  `;
  if (!created) throw new Problem(409, `EventType already exists with name = ${name}`);
  return created.id;
}

// Probe: flowcore/update.
const updateEventType = (
  sql: postgres.ISql,
  id: string,
  changes: z.output<typeof Changes> & { updatedAt: Date },
) => sql`
  update datacore.event_type set
    description            = coalesce(${changes.description ?? null}, description),
    sensitive_data_enabled = coalesce(${changes.sensitiveDataEnabled ?? null}, sensitive_data_enabled),
    sensitive_data_mask    = ${
      changes.sensitiveDataMask === undefined
        ? sql`sensitive_data_mask`
        : sql`${asJson(changes.sensitiveDataMask)}::text::jsonb`
    },
    updated_at             = ${changes.updatedAt}
  where id = ${id}
`;
