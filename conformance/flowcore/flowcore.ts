import { required, runProbes, type System } from "../probe.ts";
import { ingestion } from "./ingestion.ts";
import { notifications } from "./notifications.ts";
import { reading } from "./reading.ts";
import { resources } from "./resources.ts";
import { tenants } from "./tenants.ts";
import { flowcoreOf, makeDataCore, nameOfOwn, removeDataCore } from "./world.ts";

const writing = [...resources, ...ingestion, ...reading, ...notifications];

export const flowcore: System = {
  name: "flowcore",
  about: "Flowcore: tenants, data cores, ingestion, reading, notifications",
  options: [],
  ids: [...tenants, ...writing].map(({ id }) => id),
  open(env, { url, signal }) {
    const { FLOWCORE_TENANT: tenant, FLOWCORE_API_KEY: apiKey } = required(env, [
      "FLOWCORE_TENANT",
      "FLOWCORE_API_KEY",
    ]);
    const baseUrl = (url ?? env.FLOWCORE_BASE_URL)?.replace(/\/+$/, "");
    const bearerToken = env.FLOWCORE_BEARER_TOKEN;
    const world = flowcoreOf({ tenant, apiKey, baseUrl, bearerToken });
    const name = nameOfOwn();
    return {
      url: baseUrl ?? "https://*.api.flowcore.io",
      makes: `In tenant ${tenant} a data core ${name} is made, with a flow type and two event types, about 100 small events are sent to it, and it is removed at the end.`,
      secrets: [apiKey, bearerToken ?? ""],
      reading: () => runProbes(tenants, world, signal),
      async writing() {
        const own = await makeDataCore(world, name);
        try {
          return await runProbes(writing, own, signal);
        } finally {
          await removeDataCore(world, own.dataCoreId);
          world.client.close();
        }
      },
    };
  },
};
