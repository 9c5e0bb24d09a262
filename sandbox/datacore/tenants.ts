import { Hono } from "hono";
import { type Datacore, requireGrant } from "./datacore.ts";
import { Problem } from "./problem.ts";
import { readTenant, type Tenant } from "./schema.ts";
import { isUuid } from "./uuid-v1.ts";

export function tenantRoutes(datacore: Datacore) {
  const app = new Hono().basePath("/api/v1/tenants");

  const byName = (name: string) => found(readTenant(datacore.sql, { name }), `name = ${name}`);
  const byId = (id: string) =>
    found(isUuid(id) ? readTenant(datacore.sql, { id }) : undefined, `id = ${id}`);
  const granted = (tenant: Tenant) => {
    requireGrant(datacore, "read", tenant.id);
    return { ...described(tenant), dedicated: null };
  };
  /** Everything runs on this one origin, so no tenant has hosts of its own. */
  const instance = (_tenant: Tenant) => ({ isDedicated: false, instance: null });

  // Probe: flowcore/tenant-instance.
  app.get("/by-name/:name/instance", async (c) =>
    c.json(instance(await byName(c.req.param("name")))),
  );
  app.get("/by-id/:id/instance", async (c) => c.json(instance(await byId(c.req.param("id")))));
  // Probe: flowcore/tenant-fetch.
  app.get("/by-name/:name", async (c) => c.json(granted(await byName(c.req.param("name")))));
  app.get("/by-id/:id", async (c) => c.json(granted(await byId(c.req.param("id")))));
  // Probe: flowcore/tenant-id-by-name.
  app.get("/translate-name-to-id/:name", async (c) => c.json(await byName(c.req.param("name"))));
  // Probes: flowcore/tenant-preview, flowcore/tenant-preview-unknown.
  app.get("/preview/:name", async (c) => c.json(preview(await byName(c.req.param("name")))));
  // Probe: flowcore/tenant-list.
  app.get("/list", (c) =>
    c.json([{ ...described(datacore.tenant), domain: null, permissions: ["read", "write"] }]),
  );

  return app;
}

// Probe: flowcore/unknown-tenant.
async function found(tenant: Promise<Tenant | undefined> | undefined, what: string) {
  const known = await tenant;
  if (!known) throw new Problem(404, `Tenant not found with ${what}`);
  return known;
}

/** What whoever is not of the tenant may know. */
const preview = (tenant: Tenant) => {
  const { displayName, description, websiteUrl } = described(tenant);
  return { displayName, description, websiteUrl };
};

const described = ({ id, name }: Tenant) => ({
  id,
  name,
  displayName: name,
  description: "",
  websiteUrl: "",
  isDedicated: false,
  sensitiveDataEnabled: false,
});
