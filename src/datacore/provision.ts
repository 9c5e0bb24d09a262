import {
  type Command,
  DataCoreCreateCommand,
  DataCoreFetchCommand,
  EventTypeCreateCommand,
  EventTypeListCommand,
  FlowTypeCreateCommand,
  FlowTypeListCommand,
  TenantTranslateNameToIdCommand,
} from "@flowcore/sdk";
import { z } from "zod";
import { Failure, isFailure } from "../lib/failure.ts";
import type { FlowcoreOptions } from "./flowcore.ts";
import { execute, flowcoreClient } from "./flowcore-request.ts";

const TIMEOUT_MS = 30_000;

const Named = z.object({ description: z.string().default("") });

/** What `flowcore.yaml` declares; its tenant and data core give way to the configuration's. */
export const Manifest = z.object({
  dataCore: z.object({
    name: z.string(),
    description: z.string().default(""),
    deleteProtection: z.boolean().default(true),
    isPublic: z.boolean().default(false),
    flowTypes: z.record(z.string(), Named.extend({ eventTypes: z.record(z.string(), Named) })),
  }),
});
export type Manifest = z.infer<typeof Manifest>;

export interface ProvisionOptions extends Pick<FlowcoreOptions, "apiKey" | "baseUrl" | "tenant"> {
  dataCore: string;
}

/** The data core's id. Throws `missing` when the tenant has none of this name. */
export async function readDataCoreId({
  tenant,
  dataCore,
  ...to
}: ProvisionOptions): Promise<string> {
  const client = flowcoreClient(to);
  try {
    const command = new DataCoreFetchCommand({ tenant, dataCore });
    return (await execute(client, command, TIMEOUT_MS)).id;
  } catch (error) {
    if (!isFailure(error, "missing")) throw error;
    // Whoever may not ask for the tenant is told of its data core.
    await readTenantId(client, tenant).catch((failure: unknown) => {
      if (isFailure(failure, "missing")) throw failure;
    });
    const what = `tenant ${tenant} has no data core ${dataCore}; create what flowcore.yaml declares`;
    throw new Failure("missing", what, {}, error);
  } finally {
    client.close();
  }
}

async function readTenantId(
  client: ReturnType<typeof flowcoreClient>,
  tenant: string,
): Promise<string> {
  try {
    return (await execute(client, new TenantTranslateNameToIdCommand({ tenant }), TIMEOUT_MS)).id;
  } catch (error) {
    if (!isFailure(error, "missing")) throw error;
    const what = `Flowcore knows no tenant ${tenant}: check FLOWCORE_TENANT`;
    throw new Failure("missing", what, { isTenantUnknown: true }, error);
  }
}

/** Creates what the manifest declares and is not there; returns the names of what was created. */
export async function provision(
  { tenant, dataCore, ...to }: ProvisionOptions,
  manifest: Manifest,
): Promise<{ dataCoreId: string; created: string[] }> {
  const client = flowcoreClient(to);
  const run = <Input, Output>(command: Command<Input, Output>) =>
    execute(client, command, TIMEOUT_MS);
  const created: string[] = [];
  try {
    const dataCoreId = await ensureDataCore();
    const flowTypes = await run(new FlowTypeListCommand({ dataCoreId }));
    for (const [name, declared] of Object.entries(manifest.dataCore.flowTypes)) {
      const { description } = declared;
      const flowType =
        flowTypes.find((found) => found.name === name) ??
        (await run(new FlowTypeCreateCommand({ dataCoreId, name, description })));
      if (!flowTypes.includes(flowType)) created.push(name);
      await ensureEventTypes(flowType.id, name, declared.eventTypes);
    }
    return { dataCoreId, created };
  } finally {
    client.close();
  }

  async function ensureDataCore() {
    try {
      return (await run(new DataCoreFetchCommand({ tenant, dataCore }))).id;
    } catch (error) {
      if (!isFailure(error, "missing")) throw error;
    }
    const { description, deleteProtection, isPublic } = manifest.dataCore;
    const tenantId = await readTenantId(client, tenant);
    const accessControl = isPublic ? "public" : "private";
    const input = {
      tenantId,
      name: dataCore,
      description,
      accessControl,
      deleteProtection,
    } as const;
    created.push(dataCore);
    return (await run(new DataCoreCreateCommand(input))).id;
  }

  async function ensureEventTypes(
    flowTypeId: string,
    flowType: string,
    declared: Record<string, { description: string }>,
  ) {
    const found = await run(new EventTypeListCommand({ flowTypeId }));
    for (const [name, { description }] of Object.entries(declared)) {
      if (found.some((eventType) => eventType.name === name)) continue;
      await run(new EventTypeCreateCommand({ flowTypeId, name, description }));
      created.push(`${flowType}/${name}`);
    }
  }
}
