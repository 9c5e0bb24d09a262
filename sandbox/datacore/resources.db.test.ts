import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  DataCoreCreateCommand,
  DataCoreExistsCommand,
  DataCoreFetchCommand,
  DataCoreListCommand,
  DataCoreRequestDeleteCommand,
  DataCoreUpdateCommand,
  EventsFetchTimeBucketsByNamesCommand,
  EventTypeCreateCommand,
  EventTypeExistsCommand,
  EventTypeFetchCommand,
  EventTypeListCommand,
  EventTypeRequestDeleteCommand,
  EventTypeRequestTruncateCommand,
  EventTypeUpdateCommand,
  FlowTypeCreateCommand,
  FlowTypeExistsCommand,
  FlowTypeFetchCommand,
  FlowTypeListCommand,
  FlowTypeRequestDeleteCommand,
  FlowTypeUpdateCommand,
  NotFoundException,
  TenantFetchCommand,
  TenantInstanceFetchCommand,
  TenantListCommand,
  TenantTranslateNameToIdCommand,
} from "@flowcore/sdk";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { playDatacore } from "./server.ts";
import { apiKey, clientOf, refusal, refusals, type Stage, stage, tenant } from "./testing.ts";

let database: TestDatabase;
let core: Stage;

beforeAll(async () => {
  database = await playedDatabase();
  core = await stage(database.sql);
});
afterAll(async () => {
  await core[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const execute: Stage["client"]["execute"] = (command) => core.client.execute(command);
const newDataCore = (name: string, deleteProtection = false) =>
  execute(
    new DataCoreCreateCommand({
      ...{ tenantId: core.tenantId, name, description: "" },
      ...{ accessControl: "private", deleteProtection },
    }),
  );
const newFlowType = (dataCoreId: string, name: string) =>
  execute(new FlowTypeCreateCommand({ dataCoreId, name, description: "" }));
const newEventType = (flowTypeId: string, name: string) =>
  execute(new EventTypeCreateCommand({ flowTypeId, name, description: "" }));
const missing = crypto.randomUUID();

test("the tenant is there from the start, with no hosts of its own", async () => {
  const { tenantId } = core;
  expect(await execute(new TenantTranslateNameToIdCommand({ tenant }))).toEqual({
    id: tenantId,
    name: tenant,
  });
  const byName = await execute(new TenantFetchCommand({ tenant }));
  expect(byName).toMatchObject({ id: tenantId, name: tenant, isDedicated: false, dedicated: null });
  expect(await execute(new TenantFetchCommand({ tenantId }))).toEqual(byName);
  const shared = { isDedicated: false, instance: null };
  expect(await execute(new TenantInstanceFetchCommand({ tenant }))).toEqual(shared);
  expect(await execute(new TenantInstanceFetchCommand({ tenantId }))).toEqual(shared);
  expect(await execute(new TenantListCommand())).toMatchObject([{ id: tenantId, name: tenant }]);
});

test("an unknown tenant is not found", async () => {
  for (const command of [
    new TenantFetchCommand({ tenant: "nobody" }),
    new TenantFetchCommand({ tenantId: missing }),
  ]) {
    await expect(execute(command)).rejects.toBeInstanceOf(NotFoundException);
  }
  await expect(
    execute(new TenantTranslateNameToIdCommand({ tenant: "nobody" })),
  ).rejects.toBeInstanceOf(NotFoundException);
  await expect(
    execute(new TenantInstanceFetchCommand({ tenant: "nobody" })),
  ).rejects.toBeInstanceOf(NotFoundException);
});

test("a data core is created, found, changed and deleted", async () => {
  const created = await newDataCore("archive");
  expect(created).toEqual({
    ...{ id: created.id, tenantId: core.tenantId, tenant, name: "archive", description: "" },
    ...{ accessControl: "private", deleteProtection: false },
    ...{ isDeleting: false, isFlowcoreManaged: false },
  });
  const { id: dataCoreId } = created;
  const found = await execute(new DataCoreFetchCommand({ dataCoreId }));
  expect(found).toMatchObject(created);
  expect(await execute(new DataCoreFetchCommand({ tenant, dataCore: "archive" }))).toEqual(found);
  const { tenantId } = core;
  expect(await execute(new DataCoreFetchCommand({ tenantId, dataCore: "archive" }))).toEqual(found);
  const names = (await execute(new DataCoreListCommand({ tenant }))).map(({ name }) => name);
  expect(names).toEqual(["archive", "shop"]);

  const changes = { description: "Old orders", accessControl: "public" } as const;
  const changed = await execute(new DataCoreUpdateCommand({ dataCoreId, ...changes }));
  expect(changed).toEqual({ ...created, ...changes });

  const deletion = new DataCoreRequestDeleteCommand({ tenant, dataCoreId, waitForDelete: true });
  expect(await execute(deletion)).toEqual({ success: true });
  expect(await execute(new DataCoreExistsCommand({ dataCoreId }))).toEqual({ exists: false });
  await expect(execute(new DataCoreFetchCommand({ dataCoreId }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
  await expect(
    execute(new DataCoreFetchCommand({ tenant, dataCore: "archive" })),
  ).rejects.toBeInstanceOf(NotFoundException);
});

test("a data core with delete protection stays until that is lifted", async () => {
  const { id: dataCoreId } = await newDataCore("vault", true);
  const deletion = () => execute(new DataCoreRequestDeleteCommand({ tenant, dataCoreId }));
  expect(await refusal(deletion())).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  expect(await execute(new DataCoreExistsCommand({ dataCoreId }))).toEqual({ exists: true });
  await execute(new DataCoreUpdateCommand({ dataCoreId, deleteProtection: false }));
  expect(await deletion()).toEqual({ success: true });
});

test("a flow type is created, found, changed and deleted", async () => {
  const { dataCoreId } = core;
  const created = await newFlowType(dataCoreId, "invoice.0");
  const { id: flowTypeId, tenantId } = created;
  expect(created).toEqual({
    ...{ id: flowTypeId, tenantId, dataCoreId, name: "invoice.0" },
    ...{ description: "", isDeleting: false },
  });
  expect(await execute(new FlowTypeFetchCommand({ flowTypeId }))).toEqual(created);
  const byName = new FlowTypeFetchCommand({ dataCoreId, flowType: "invoice.0" });
  expect(await execute(byName)).toEqual(created);
  const names = (await execute(new FlowTypeListCommand({ dataCoreId }))).map(({ name }) => name);
  expect(names).toEqual(["invoice.0", "order.0"]);
  const update = new FlowTypeUpdateCommand({ flowTypeId, description: "Invoices" });
  expect(await execute(update)).toEqual({ ...created, description: "Invoices" });
  await newEventType(flowTypeId, "invoice.sent.0");

  const deletion = new FlowTypeRequestDeleteCommand({ tenant, flowTypeId, waitForDelete: true });
  expect(await execute(deletion)).toEqual({ success: true });
  expect(await execute(new FlowTypeExistsCommand({ flowTypeId }))).toEqual({ exists: false });
  await expect(execute(byName)).rejects.toBeInstanceOf(NotFoundException);
});

test("an event type is created, found, changed and deleted", async () => {
  const { dataCoreId, flowTypeId, tenantId } = core;
  const created = await newEventType(flowTypeId, "order.lost.0");
  const { id: eventTypeId, createdAt } = created;
  expect(created).toEqual({
    ...{ id: eventTypeId, tenantId, dataCoreId, flowTypeId, name: "order.lost.0" },
    ...{ description: "", isTruncating: false, isDeleting: false, sensitiveDataEnabled: false },
    ...{ createdAt, updatedAt: null },
  });
  expect(await execute(new EventTypeFetchCommand({ eventTypeId }))).toEqual(created);
  const byName = new EventTypeFetchCommand({ flowTypeId, eventType: "order.lost.0" });
  expect(await execute(byName)).toEqual(created);
  const listed = await execute(new EventTypeListCommand({ flowTypeId }));
  expect(listed.map(({ name }) => name)).toEqual([
    "order.lost.0",
    "order.paid.0",
    "order.placed.0",
  ]);

  const sensitiveDataMask = { key: ".holderId", schema: { name: true as const } };
  const changes = { description: "Lost", sensitiveDataEnabled: true, sensitiveDataMask };
  const changed = await execute(new EventTypeUpdateCommand({ eventTypeId, ...changes }));
  expect(changed).toEqual({ ...created, ...changes, updatedAt: expect.any(String) });

  const deletion = new EventTypeRequestDeleteCommand({ tenant, eventTypeId, waitForDelete: true });
  expect(await execute(deletion)).toEqual({ success: true });
  expect(await execute(new EventTypeExistsCommand({ eventTypeId }))).toEqual({ exists: false });
  await expect(execute(byName)).rejects.toBeInstanceOf(NotFoundException);
});

test("truncating an event type removes its events and leaves those of others", async () => {
  const [eventTypeId] = core.eventTypeIds;
  await core.ingest("order.placed.0", {});
  await core.ingest("order.paid.0", {});
  const command = new EventTypeRequestTruncateCommand({ tenant, eventTypeId });
  expect(await execute(command)).toEqual({ success: true });
  const bucketsOf = async (name: string) =>
    (await execute(new EventsFetchTimeBucketsByNamesCommand({ ...core.names, eventTypes: [name] })))
      .timeBuckets;
  expect(await bucketsOf("order.placed.0")).toEqual([]);
  expect(await bucketsOf("order.paid.0")).toHaveLength(1);
  expect(await execute(new EventTypeExistsCommand({ eventTypeId }))).toEqual({ exists: true });
});

test("a name is taken once", async () => {
  const duplicates = [
    newDataCore("shop"),
    newFlowType(core.dataCoreId, "order.0"),
    newEventType(core.flowTypeId, "order.paid.0"),
  ];
  for (const refused of await refusals(duplicates)) {
    expect(refused).toMatchObject({
      status: 409,
      body: { status: 409, code: "CONFLICT", message: expect.stringContaining("already exists") },
    });
  }
});

test("what hangs on nothing is not found, and a wrong field is named", async () => {
  expect(await refusal(newFlowType(missing, "x.0"))).toMatchObject({ status: 404 });
  expect(await refusal(newEventType("no-uuid", "x.0"))).toMatchObject({ status: 404 });
  expect(await refusal(newFlowType(core.dataCoreId, ""))).toMatchObject({
    status: 400,
    body: { code: "BAD_REQUEST", in: "body", errors: { "/name": expect.any(String) } },
  });
});

test("an unknown route says so", async () => {
  const headers = { authorization: `ApiKey test:${apiKey}` };
  const answer = await fetch(`${core.url}/api/v1/unheard-of`, { headers });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({
    status: 404,
    code: "NOT_FOUND",
    message: "Route not found",
  });
});

test("a key of another tenant is known but granted nothing", async () => {
  const other = await playDatacore({
    ...{ sql: database.sql, port: 0, tenant: "stranger", log: () => {} },
    apiKey: "fc_other_5eed",
  });
  const client = clientOf(other.url, "fc_other_5eed");
  const { dataCoreId, flowTypeId } = core;
  const requests = [
    client.execute(new DataCoreFetchCommand({ dataCoreId })),
    client.execute(new FlowTypeUpdateCommand({ flowTypeId, description: "mine" })),
    client.execute(new EventsFetchTimeBucketsByNamesCommand(core.names)),
    client.execute(new TenantFetchCommand({ tenant })),
  ];
  for (const refused of await refusals(requests)) {
    expect(refused).toMatchObject({
      status: 403,
      body: {
        ...{ status: 403, code: "FORBIDDEN", message: "IAM validation failed" },
        ...{ validPolicies: [], invalidRequest: [expect.anything()] },
      },
    });
  }
  expect(await client.execute(new DataCoreListCommand({ tenant }))).toEqual([]);
  await other.stop();
});
