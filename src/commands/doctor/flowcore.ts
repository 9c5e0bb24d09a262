import type { Config } from "../../config/config.ts";
import { flowTypes } from "../../contracts/index.ts";
import { policyOf } from "../../datacore/policy.ts";
import { timeBucketOf } from "../../datacore/time-bucket.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Failure, isFailure } from "../../lib/failure.ts";
import { controlPlane } from "../../pathway/control-plane.ts";
import { buildDatacore } from "../build/build-datacore.ts";
import { checkManifest, readIdOf } from "../datacore.ts";
import { type Finding, ok, said, unchecked, wrong } from "./finding.ts";

const CHECK = "flowcore";
const PATHWAY = "data pathway";

/** What is declared, and whether the key may read facts; whether it may write them only a fact would say. */
export async function checkFlowcore(config: Config, clock: Clock): Promise<Finding[]> {
  const { dataCore, dataCoreId } = config.flowcore;
  try {
    const { missing } = await checkManifest(config);
    const found = dataCoreId && (await readIdOf(config));
    if (dataCoreId !== found)
      return [
        wrong(
          CHECK,
          `FLOWCORE_DATA_CORE_ID is ${dataCoreId}, and the data core ${dataCore} has ${found}`,
          "set FLOWCORE_DATA_CORE_ID to that one, or leave it out",
        ),
      ];
    if (missing.length > 0)
      return [wrong(CHECK, `not there: ${missing.join(", ")}`, "run `datacore apply`")];
    await readSomeFact(config, clock);
    return [ok(CHECK, "the data core has every event type, and its facts can be read")];
  } catch (error) {
    if (isFailure(error, "missing"))
      return [
        wrong(
          CHECK,
          said(error),
          error.context.isTenantUnknown
            ? "correct FLOWCORE_TENANT, or FLOWCORE_BASE_URL"
            : "run `datacore apply`",
        ),
      ];
    const mend = isFailure(error, "refused")
      ? mendOf(error, config)
      : "check FLOWCORE_TENANT, FLOWCORE_BASE_URL and that Flowcore is reachable";
    return [wrong(CHECK, said(error), mend)];
  }
}

/** Whether the key may see the pathway; it is registered by whoever reads the log. */
export async function checkPathway(config: Config): Promise<Finding[]> {
  const { name } = config.pathway;
  if (name === undefined) return [];
  const { tenant, dataCore, apiKey, baseUrl } = config.flowcore;
  const to = { tenant, dataCore, apiKey: apiKey.reveal(), baseUrl, name, version: "" };
  try {
    const delivery = await controlPlane(to).readDelivery();
    const held = delivery?.state === "paused" ? "; it is paused in Flowcore's console" : "";
    return [ok(PATHWAY, `${name} is registered${held}`)];
  } catch (error) {
    if (isFailure(error, "missing"))
      return [unchecked(PATHWAY, `${name} is not registered yet; \`serve\` does it`)];
    const mend = isFailure(error, "refused")
      ? "let FLOWCORE_API_KEY's IAM policy see and register Data Pathways, or leave FLOWCORE_PATHWAY_NAME out"
      : "check that Flowcore's control plane is reachable; all else goes on meanwhile";
    return [wrong(PATHWAY, said(error), mend)];
  }
}

/** What the reader of the log asks for, as little of it as can be. */
async function readSomeFact(config: Config, clock: Clock) {
  const datacore = buildDatacore(config);
  try {
    const timeBucket = timeBucketOf(clock.now());
    for (const flowType of flowTypes) {
      await datacore.readTimeBuckets(flowType, timeBucket);
      await datacore.readPage({ flowType, timeBucket, pageSize: 1 });
    }
  } finally {
    datacore.close();
  }
}

/** A key that is known and may not is another mistake than one that nobody knows. */
function mendOf({ context }: Failure, { flowcore: { tenant, dataCoreId } }: Config): string {
  if (context.status === 403)
    return `the key is right and its policy is not: give FLOWCORE_API_KEY's IAM policy the statement ${policyOf(tenant, dataCoreId)}`;
  return `give FLOWCORE_API_KEY a key of the tenant ${tenant} that is not revoked, and may read and write this data core`;
}
