import type { Config } from "../../config/config.ts";
import { policyOf } from "../../datacore/policy.ts";
import { type Failure, isFailure } from "../../lib/failure.ts";
import { checkManifest } from "../datacore.ts";
import { type Finding, ok, said, wrong } from "./finding.ts";

const CHECK = "flowcore";

export async function checkFlowcore(config: Config): Promise<Finding[]> {
  try {
    const { missing } = await checkManifest(config);
    if (missing.length === 0) return [ok(CHECK, "the data core has every event type")];
    return [wrong(CHECK, `not there: ${missing.join(", ")}`, "run `datacore apply`")];
  } catch (error) {
    if (isFailure(error, "missing")) return [wrong(CHECK, said(error), "run `datacore apply`")];
    const mend = isFailure(error, "refused")
      ? mendOf(error, config)
      : "check FLOWCORE_TENANT, FLOWCORE_BASE_URL and that Flowcore is reachable";
    return [wrong(CHECK, said(error), mend)];
  }
}

/** A key that is known and may not is another mistake than one that nobody knows. */
function mendOf({ context }: Failure, { flowcore: { tenant, dataCoreId } }: Config): string {
  if (context.status === 403)
    return `the key is right and its policy is not: give FLOWCORE_API_KEY's IAM policy the statement ${policyOf(tenant, dataCoreId)}`;
  return `give FLOWCORE_API_KEY a key of the tenant ${tenant} that is not revoked, and may read and write this data core`;
}
