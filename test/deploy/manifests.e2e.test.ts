import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Manifest } from "./kustomize.ts";
import { build, buildWith, kubectl, overlays, resolve, root, the } from "./overlays.ts";

describe.each(overlays)("%s", (overlay) => {
  test("is valid against the Kubernetes schemas, with no field that they do not know", async () => {
    const faults: string[] = [];
    for (const manifest of await build(overlay))
      for (const fault of await faultsOf(manifest))
        faults.push(`${manifest.kind} ${manifest.metadata.name}: ${fault}`);
    expect(faults).toEqual([]);
  });

  test.skipIf(!kubectl)("is built by kubectl as it is built without it", async () => {
    expect(sorted((await build(overlay)).map(withoutHash))).toEqual(sorted(await resolve(overlay)));
  });

  test("has every kind that the service needs, once", async () => {
    const kinds = (await build(overlay)).map(({ kind }) => kind).sort();
    expect(kinds.filter((kind) => !["ConfigMap", "PrometheusRule"].includes(kind))).toEqual([
      ...["CronJob", "Deployment", "Namespace"],
      ...["NetworkPolicy", "NetworkPolicy", "NetworkPolicy"],
      ...["PodDisruptionBudget", "Service", "ServiceAccount", "ServiceMonitor"],
    ]);
  });
});

describe.each(["worker", "ingress", "gateway"])("production with %s", (component) => {
  test("is valid as well", async () => {
    const faults: string[] = [];
    for (const manifest of await buildWith(component))
      for (const fault of await faultsOf(manifest)) faults.push(`${manifest.kind}: ${fault}`);
    expect(faults).toEqual([]);
  });

  test.skipIf(!kubectl)("is built by kubectl as it is built without it", async () => {
    const built = await buildWith(component, kubectl);
    expect(sorted(built.map(withoutHash))).toEqual(sorted(await buildWith(component)));
  });
});

test("an Ingress and a route of the Gateway API lead all of the host to the service's port, and its proxy is believed", async () => {
  const [byIngress, byGateway] = [await buildWith("ingress"), await buildWith("gateway")];
  const service = the(byIngress, "Service").spec;
  expect(service).toMatchObject({ ports: [{ name: "http", port: 80 }, { name: "metrics" }] });
  expect(the(byIngress, "Ingress").spec).toMatchObject({
    rules: [
      {
        http: {
          paths: [
            {
              ...{ path: "/", pathType: "Prefix" },
              backend: { service: { name: "vivenu-event-monitor", port: { name: "http" } } },
            },
          ],
        },
      },
    ],
  });
  const to = { backendRefs: [{ name: "vivenu-event-monitor", port: 80 }] };
  expect(the(byGateway, "HTTPRoute").spec).toMatchObject({ rules: [to, to] });
  const bodies = the(byIngress, "Ingress").metadata as { annotations?: Record<string, string> };
  expect(bodies.annotations?.["nginx.ingress.kubernetes.io/proxy-body-size"]).toBe("8m");
  for (const manifests of [byIngress, byGateway]) {
    const settings = manifests.find(({ data }) => Object.hasOwn(Object(data), "TRUSTED_PROXIES"));
    expect(settings?.data).toMatchObject({ TRUSTED_PROXIES: "1", METRICS_PORT: "9090" });
  }
});

test("a misspelled field is found", async () => {
  const faults = await faultsOf({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "x" },
    spec: { maxUnavailabel: 1 },
  });
  expect(faults).toEqual(["/spec/maxUnavailabel is no field of it"]);
});

test("a wrong type is found", async () => {
  const faults = await faultsOf({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "x" },
    spec: { ports: [{ port: "80" }] },
  });
  expect(faults).toEqual(['/spec/ports/0/port type {"type":"integer"}']);
});

interface Validator {
  (value: unknown): boolean;
  errors?: { instancePath: string; keyword: string; params: object }[] | null;
}

const KUBERNETES = "kubernetes-models/_schemas/IoK8sApi";
const GATEWAY = "@kubernetes-models/gateway-api/_schemas/IoK8sSigsGatewayApiApis";
const OPERATOR =
  "@kubernetes-models/prometheus-operator/_schemas/ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoring";

/** Where the schema packages keep the validator of each kind; not all of them export it. */
const validators: Record<string, string> = {
  "v1 ConfigMap": `${KUBERNETES}CoreV1ConfigMap`,
  "v1 Namespace": `${KUBERNETES}CoreV1Namespace`,
  "v1 Service": `${KUBERNETES}CoreV1Service`,
  "v1 ServiceAccount": `${KUBERNETES}CoreV1ServiceAccount`,
  "apps/v1 Deployment": `${KUBERNETES}AppsV1Deployment`,
  "batch/v1 CronJob": `${KUBERNETES}BatchV1CronJob`,
  "gateway.networking.k8s.io/v1 HTTPRoute": `${GATEWAY}V1HTTPRoute`,
  "networking.k8s.io/v1 Ingress": `${KUBERNETES}NetworkingV1Ingress`,
  "networking.k8s.io/v1 NetworkPolicy": `${KUBERNETES}NetworkingV1NetworkPolicy`,
  "policy/v1 PodDisruptionBudget": `${KUBERNETES}PolicyV1PodDisruptionBudget`,
  "monitoring.coreos.com/v1 PrometheusRule": `${OPERATOR}V1PrometheusRule`,
  "monitoring.coreos.com/v1 ServiceMonitor": `${OPERATOR}V1ServiceMonitor`,
};

/** The schemas leave unknown fields alone, so what a validator never looks at is what it does not know. */
async function faultsOf(manifest: Manifest): Promise<string[]> {
  const path = validators[`${manifest.apiVersion} ${manifest.kind}`];
  if (!path) return ["there is no schema for it"];
  const { validate }: { validate: Validator } = await import(
    join(root, "node_modules", `${path}.js`)
  );
  const seen = new Set<string>();
  const isValid = validate(watched(manifest, "", seen));
  const errors = isValid ? [] : (validate.errors ?? []);
  return [
    ...errors.map(
      (error) => `${error.instancePath} ${error.keyword} ${JSON.stringify(error.params)}`,
    ),
    ...pathsOf(manifest, "")
      .filter((at) => !seen.has(at))
      .map((at) => `${at} is no field of it`),
  ];
}

function watched<T>(value: T, path: string, seen: Set<string>): T {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const at = `${path}/${String(key)}`;
      seen.add(at);
      return watched(Reflect.get(target, key), at, seen);
    },
  });
}

const pathsOf = (value: unknown, path: string): string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => {
        const at = `${path}/${key}`;
        return [at, ...pathsOf(inner, at)];
      })
    : [];

const HASH = /-[0-9a-z]{10}$/;

/** The same hash wherever the ConfigMap of the settings is named. */
function withoutHash(manifest: Manifest): Manifest {
  const text = JSON.stringify(manifest, (key, value) =>
    key === "name" && typeof value === "string" && value.startsWith("vivenu-event-monitor-")
      ? value.replace(HASH, "")
      : value,
  );
  return JSON.parse(text);
}

const sorted = (manifests: Manifest[]) =>
  manifests.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));

const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
