import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { YAML } from "bun";
import type { Config } from "../config/config.ts";
import { type Drift, readDrift } from "../datacore/inspect.ts";
import { policyOf } from "../datacore/policy.ts";
import {
  Manifest,
  type ProvisionOptions,
  provision,
  readDataCoreId,
} from "../datacore/provision.ts";
import { projectRoot } from "../lib/root.ts";

export const readManifest = async () =>
  Manifest.parse(YAML.parse(await readFile(join(projectRoot(), "flowcore.yaml"), "utf8")));

/** Creates the data core, flow types and event types that `flowcore.yaml` declares and are not there. */
export const applyManifest = async (config: Config) =>
  provision(placeOf(config), await readManifest());

/** What of the data core is not as `flowcore.yaml` declares it. */
export const checkManifest = async (config: Config): Promise<Drift> =>
  readDrift(placeOf(config), await readManifest());

const placeOf = ({ flowcore }: Config): ProvisionOptions => ({
  tenant: flowcore.tenant,
  dataCore: flowcore.dataCore,
  baseUrl: flowcore.baseUrl,
  apiKey: flowcore.apiKey.reveal(),
});

/** The data core's id, by its name. */
export const readIdOf = (config: Config) => readDataCoreId(placeOf(config));

/** The statement that the key's IAM policy needs, of the data core as it is. */
export const readPolicy = async (config: Config) =>
  policyOf(config.flowcore.tenant, await readIdOf(config));

/** What was created and what still differs, for a person to read. */
export function describeDrift(
  created: string[],
  { missing, undeclared, differing }: Drift,
  policy?: string,
): string {
  const lines = [
    ...created.map((name) => `created      ${name}`),
    ...missing.map((name) => `missing      ${name}`),
    ...differing.map((name) => `differs      ${name} (its description is another)`),
    ...undeclared.map((name) => `undeclared   ${name} (flowcore.yaml does not name it)`),
  ];
  const drift =
    lines.length > 0 ? lines.join("\n") : "the data core is as flowcore.yaml declares it";
  return policy === undefined ? drift : `${drift}\nthe key's IAM policy needs ${policy}`;
}
