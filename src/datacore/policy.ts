/** What the service's key does with its data core; `write` creates what `flowcore.yaml` declares. */
const ACTIONS = ["read", "fetch", "ingest", "write"];

/**
 * The IAM policy's statement in Flowcore's own form. The tenant stands in it by its name and the data core
 * by its id: one that names a data core by its name is accepted there, and never matches.
 */
export const policyOf = (tenant: string, dataCoreId: string | undefined) =>
  JSON.stringify({
    resource: `frn::${tenant}:data-core/${dataCoreId ?? "<the data core's id, not its name>"}`,
    action: ACTIONS,
  });
