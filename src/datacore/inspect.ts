import { EventTypeListCommand, FlowTypeListCommand } from "@flowcore/sdk";
import { execute, flowcoreClient } from "./flowcore-request.ts";
import { type Manifest, type ProvisionOptions, readDataCoreId } from "./provision.ts";

const TIMEOUT_MS = 30_000;

export interface Drift {
  /** Declared, and not there. */
  missing: string[];
  /** There, and not declared. */
  undeclared: string[];
  /** There with another description. */
  differing: string[];
}

/** How the data core differs from the manifest. Throws `missing` when there is no such data core. */
export async function readDrift(options: ProvisionOptions, manifest: Manifest): Promise<Drift> {
  const drift: Drift = { missing: [], undeclared: [], differing: [] };
  const dataCoreId = await readDataCoreId(options);
  const client = flowcoreClient(options);
  try {
    const declared = manifest.dataCore.flowTypes;
    const flowTypes = await execute(client, new FlowTypeListCommand({ dataCoreId }), TIMEOUT_MS);
    compare(drift, "", declared, flowTypes);
    for (const [flowType, { eventTypes }] of Object.entries(declared)) {
      const found = flowTypes.find(({ name }) => name === flowType);
      const list = found
        ? await execute(client, new EventTypeListCommand({ flowTypeId: found.id }), TIMEOUT_MS)
        : [];
      compare(drift, `${flowType}/`, eventTypes, list);
    }
    return drift;
  } finally {
    client.close();
  }
}

interface Described {
  description: string;
}

function compare(
  drift: Drift,
  prefix: string,
  declared: Record<string, Described>,
  found: (Described & { name: string })[],
) {
  for (const [name, { description }] of Object.entries(declared)) {
    const there = found.find((one) => one.name === name);
    if (!there) drift.missing.push(prefix + name);
    else if (there.description !== description) drift.differing.push(prefix + name);
  }
  for (const { name } of found)
    if (!Object.hasOwn(declared, name)) drift.undeclared.push(prefix + name);
}
