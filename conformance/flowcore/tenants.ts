import {
  DataCoreFetchCommand,
  DataCoreListCommand,
  TenantFetchCommand,
  TenantInstanceFetchCommand,
  TenantListCommand,
  TenantPreviewCommand,
  TenantTranslateNameToIdCommand,
} from "@flowcore/sdk";
import { field, kinds, thrown } from "../http.ts";
import { NotTried, type Probe } from "../probe.ts";
import type { Flowcore } from "./world.ts";

const NOBODYS_ID = "00000000-0000-4000-8000-000000000000";
const NOBODYS_NAME = "conformance-nobody-has-this-name";

/** Who asks, and of which tenant. */
export const tenants: Probe<Flowcore>[] = [
  {
    id: "flowcore/no-key",
    says: "Without a key every service answers 401 UNAUTHORIZED.",
    certainty: "known",
    wanted: { status: 401, code: "UNAUTHORIZED" },
    ask: async ({ plain }) => refused(await plain("data-core-2", "/api/v1/data-cores")),
  },
  {
    id: "flowcore/wrong-key",
    says: "A key that was never handed out is answered 401 UNAUTHORIZED.",
    certainty: "known",
    wanted: { status: 401, code: "UNAUTHORIZED" },
    ask: async ({ plain }) =>
      refused(
        await plain("data-core-2", "/api/v1/data-cores", {
          headers: { authorization: "ApiKey probe:fc_probe_wrong" },
        }),
      ),
  },
  {
    id: "flowcore/raw-key-is-for-ingestion",
    says: "The key alone, without `ApiKey <id>:`, is no authorization outside ingestion.",
    certainty: "likely",
    wanted: 401,
    ask: async ({ plain, apiKey }) =>
      (await plain("data-core-2", "/api/v1/data-cores", { headers: { authorization: apiKey } }))
        .status,
  },
  {
    id: "flowcore/wrong-bearer",
    says: "A bearer token that nobody issued is answered 401.",
    certainty: "known",
    wanted: 401,
    ask: async ({ plain, tenant }) =>
      (
        await plain("tenant", `/api/v1/tenants/translate-name-to-id/${tenant}`, {
          headers: { authorization: "Bearer never-issued" },
        })
      ).status,
  },
  {
    id: "flowcore/bearer",
    says: "The bearer token of who signed in opens what a key opens.",
    certainty: "known",
    wanted: { status: 200, id: "string", name: "string" },
    async ask({ plain, tenant, bearerToken }) {
      if (!bearerToken) throw new NotTried("FLOWCORE_BEARER_TOKEN is not set");
      const { status, body } = await plain(
        "tenant",
        `/api/v1/tenants/translate-name-to-id/${tenant}`,
        { headers: { authorization: `Bearer ${bearerToken}` } },
      );
      return { status, ...kinds(body, "id", "name") };
    },
  },
  {
    id: "flowcore/unknown-route",
    says: "A path that no service has is answered 404 NOT_FOUND.",
    certainty: "known",
    wanted: { status: 404, code: "NOT_FOUND" },
    ask: async ({ plain, authorization }) =>
      refused(await plain("tenant", "/api/v1/no-such-thing", { headers: { authorization } })),
  },
  {
    id: "flowcore/tenant-id-by-name",
    says: "A tenant's name is translated to its id.",
    certainty: "known",
    wanted: { isUuid: true, isSameName: true },
    async ask({ client, tenant }) {
      const { id, name } = await client.execute(new TenantTranslateNameToIdCommand({ tenant }));
      return {
        isUuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id),
        isSameName: name === tenant,
      };
    },
  },
  {
    id: "flowcore/unknown-tenant",
    says: "A tenant that is not there is not found; the SDK says so with an exception of its own.",
    certainty: "known",
    wanted: "NotFoundException",
    ask: async ({ client }) =>
      await thrown(client.execute(new TenantTranslateNameToIdCommand({ tenant: NOBODYS_NAME }))),
  },
  {
    id: "flowcore/tenant-instance",
    says: "Of each tenant it is said whether it has hosts of its own.",
    certainty: "known",
    wanted: { isDedicated: "boolean" },
    ask: async ({ client, tenant }) =>
      kinds(await client.execute(new TenantInstanceFetchCommand({ tenant })), "isDedicated"),
  },
  {
    id: "flowcore/tenant-fetch",
    says: "A tenant is read by its name, with all fields that the SDK's schema asks for.",
    certainty: "known",
    wanted: { id: "string", displayName: "string", isDedicated: "boolean" },
    ask: async ({ client, tenant }) =>
      kinds(
        await client.execute(new TenantFetchCommand({ tenant })),
        ...["id", "displayName", "isDedicated"],
      ),
  },
  {
    id: "flowcore/tenant-list",
    says: "A key lists the tenants that it may see.",
    certainty: "likely",
    wanted: true,
    ask: async ({ client, tenant }) =>
      (await client.execute(new TenantListCommand())).some(({ name }) => name === tenant),
  },
  {
    id: "flowcore/tenant-preview",
    says: "A tenant's preview is its display name, its description and its website, and nothing else.",
    certainty: "known",
    wanted: { displayName: "string", description: "string", websiteUrl: "string" },
    async ask({ client, tenant }) {
      const preview = await client.execute(new TenantPreviewCommand({ name: tenant }));
      return kinds(preview, ...Object.keys(preview));
    },
  },
  {
    id: "flowcore/tenant-preview-unknown",
    says: "There is no preview of a tenant that is not there.",
    certainty: "known",
    wanted: "NotFoundException",
    ask: async ({ client }) =>
      await thrown(client.execute(new TenantPreviewCommand({ name: NOBODYS_NAME }))),
  },
  {
    id: "flowcore/data-core-list",
    says: "A tenant's data cores are a list, and each says what the key may do with it.",
    certainty: "known",
    wanted: true,
    async ask({ client, tenant }) {
      const found = await client.execute(new DataCoreListCommand({ tenant }));
      return found.every((one) => Array.isArray(field(one, "access")));
    },
  },
  {
    id: "flowcore/unknown-data-core",
    says: "A data core of a name that is not there is an empty list, which the SDK calls not found.",
    certainty: "known",
    wanted: { status: 200, body: [], thrown: "NotFoundException" },
    async ask({ client, plain, tenant, authorization }) {
      const path = `/api/v1/data-cores?tenant=${tenant}&name=${NOBODYS_NAME}`;
      const answer = await plain("data-core-2", path, { headers: { authorization } });
      const command = new DataCoreFetchCommand({ tenant, dataCore: NOBODYS_NAME });
      return { ...answer, thrown: await thrown(client.execute(command)) };
    },
  },
  {
    id: "flowcore/data-core-exists-not",
    says: "Whether a data core exists is answered without a 404.",
    certainty: "known",
    wanted: { status: 200, body: { exists: false } },
    ask: ({ plain, authorization }) =>
      plain("data-core-2", `/api/v1/data-cores/${NOBODYS_ID}/exists`, {
        headers: { authorization },
      }),
  },
];

/** Of a refusal only what a program reads: its status and its code. */
export const refused = ({ status, body }: { status: number; body: unknown }) => ({
  status,
  code: field(body, "code"),
});
