import { YAML } from "bun";
import { playDatacore } from "../../sandbox/datacore/server.ts";
import { type FlowcoreOptions, flowcore } from "../../src/datacore/flowcore.ts";
import { Manifest, provision } from "../../src/datacore/provision.ts";
import { playedDatabase } from "./played-database.ts";

export const API_KEY = "fc_reader_5ec2e7c0ffee";
export const TENANT = "made-up";
export const DATA_CORE = "event-monitor";

export const readManifest = async () =>
  Manifest.parse(
    YAML.parse(await Bun.file(new URL("../../flowcore.yaml", import.meta.url)).text()),
  );

/** The embedded datacore over HTTP with our flow types in it, and our adapter on it. */
export async function playedDatacore({ now }: { now?: () => Date } = {}) {
  const database = await playedDatabase();
  const played = await playDatacore({
    ...{ sql: database.sql, port: 0, apiKey: API_KEY, tenant: TENANT, log: () => {} },
    ...(now && { now }),
  });
  const to = { tenant: TENANT, dataCore: DATA_CORE, apiKey: API_KEY, baseUrl: played.url };
  const { dataCoreId } = await provision(to, await readManifest());
  const options: FlowcoreOptions = {
    ...to,
    dataCoreId,
    ingestTimeoutMs: 5_000,
    readTimeoutMs: 5_000,
  };
  const datacore = flowcore(options);
  return {
    url: played.url,
    /** The datacore's own tables. */
    sql: database.sql,
    to,
    options,
    datacore,
    async [Symbol.asyncDispose]() {
      datacore.close();
      await played.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}
