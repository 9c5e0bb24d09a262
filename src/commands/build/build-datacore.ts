import type { Config } from "../../config/config.ts";
import type { Datacore } from "../../datacore/datacore.ts";
import { flowcore } from "../../datacore/flowcore.ts";
import { readDataCoreId } from "../../datacore/provision.ts";

const INGEST_TIMEOUT_MS = 10_000;

export function buildDatacore(
  { flowcore: config }: Config,
  { keptItems }: { keptItems?: number } = {},
): Datacore {
  const { tenant, dataCore, dataCoreId, baseUrl } = config;
  const apiKey = config.apiKey.reveal();
  return flowcore({
    tenant,
    dataCoreId: dataCoreId ?? (() => readDataCoreId({ tenant, dataCore, apiKey, baseUrl })),
    apiKey,
    baseUrl,
    ingestTimeoutMs: INGEST_TIMEOUT_MS,
    readTimeoutMs: config.readTimeoutMs,
    ...(keptItems !== undefined && { keptItems }),
  });
}
