import { beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { exitCodes } from "../../src/commands/run/outcome.ts";
import { HYROX_REGIONS, regionVariables } from "../../src/config/accounts.ts";
import { loadConfig, variables } from "../../src/config/config.ts";
import { type Container, type Manifest, type PodSpec, podSpecOf } from "./kustomize.ts";
import { build, overlays, root, the } from "./overlays.ts";

const SERVICE = "vivenu-event-monitor";
const EXITS_WITHIN_S = 10;

/** The parts of a manifest that the rules below look at; its shape is held by the schemas. */
interface Spec {
  replicas: number;
  strategy: unknown;
  selector: { matchLabels: Record<string, string> };
  template: { metadata: { labels: Record<string, string> } };
  [field: string]: unknown;
}

interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  failureThreshold: number;
}

interface Peer {
  namespaceSelector?: { matchLabels: Record<string, string> };
  ipBlock?: { cidr: string; except?: string[] };
}

const settings = [...variables, ...regionVariables(HYROX_REGIONS)];
const isSecret = (name: string) => /_KEY$|_SECRET$|_API$|^DATABASE_URL$|^NOTIFICATIONS$/.test(name);
const kebab = (name: string) => name.toLowerCase().replaceAll("_", "-");

describe.each(overlays)("%s", (overlay) => {
  let manifests: Manifest[];
  let serve: Container;
  let poll: Container;
  let pods: PodSpec[];
  const specOf = (kind: string, name = SERVICE) => the(manifests, kind, name).spec as Spec;
  const settingsMap = () =>
    manifests.find(
      ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === configMapOf(serve),
    )?.data as Record<string, string>;

  beforeAll(async () => {
    manifests = await build(overlay);
    pods = manifests.flatMap((one) => podSpecOf(one) ?? []);
    const [served, polled] = pods.flatMap(({ containers }) => containers);
    if (!served || !polled) throw new Error("there is no container");
    [serve, poll] = served.name === "serve" ? [served, polled] : [polled, served];
  });

  test("everything is in the overlay's namespace, which takes restricted pods only", () => {
    const { metadata } = the(manifests, "Namespace");
    expect(metadata.labels?.["pod-security.kubernetes.io/enforce"]).toBe("restricted");
    for (const one of manifests)
      if (one.kind !== "Namespace") expect(one.metadata.namespace).toBe(metadata.name);
  });

  test("pods are restricted: no root, no way up, nothing to write to, no token", () => {
    expect(pods).toHaveLength(2);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        serviceAccountName: SERVICE,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
      // The one thing that is mounted is no secret, is read alone, and need not be there.
      const configMap = { name: `${SERVICE}-postgresql-ca`, optional: true };
      expect(pod.volumes).toEqual([{ name: "postgresql-ca", configMap }]);
      for (const open of ["hostNetwork", "hostPID", "hostIPC", "initContainers"])
        expect(pod).not.toHaveProperty(open);
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container.volumeMounts).toEqual([
          { name: "postgresql-ca", mountPath: "/etc/postgresql", readOnly: true },
        ]);
      }
    }
    expect(the(manifests, "ServiceAccount").automountServiceAccountToken).toBe(false);
  });

  test("a rollout leaves no gap", () => {
    const deployment = specOf("Deployment");
    expect(deployment).toMatchObject({
      replicas: 2,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    const spread = pods.flatMap((pod) => pod.topologySpreadConstraints ?? []);
    expect(spread).toMatchObject([
      { topologyKey: "kubernetes.io/hostname" },
      { topologyKey: "topology.kubernetes.io/zone" },
    ]);
    const selected = deployment.template.metadata.labels;
    expect(selected).toMatchObject(deployment.selector.matchLabels);
    expect(specOf("Service").selector as object).toEqual(deployment.selector.matchLabels);
    expect(specOf("PodDisruptionBudget")).toMatchObject({
      maxUnavailable: 1,
      selector: deployment.selector,
    });
  });

  test("a pod has the time to stop", () => {
    const { preStop } = serve.lifecycle as { preStop: { sleep: { seconds: number } } };
    for (const pod of pods)
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
        preStop.sleep.seconds + EXITS_WITHIN_S,
      );
  });

  test("PostgreSQL decides on readiness, nothing outside on a restart", () => {
    const { startupProbe, readinessProbe, livenessProbe } = serve as unknown as Record<
      "startupProbe" | "readinessProbe" | "livenessProbe",
      Probe
    >;
    expect(readinessProbe.httpGet).toEqual({ path: "/ready", port: "http" });
    expect(livenessProbe.httpGet).toEqual({ path: "/health", port: "http" });
    expect(startupProbe.httpGet).toEqual({ path: "/health", port: "http" });
    // Above what a migration waits for a table that is in use.
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(660);
    expect(poll).not.toHaveProperty("livenessProbe");
  });

  test("the ports are those that the service listens on", () => {
    const ports = serve.ports?.map(({ name, containerPort }) => [name, String(containerPort)]);
    expect(Object.fromEntries(ports ?? [])).toEqual({
      http: settingsMap().PORT,
      metrics: settingsMap().METRICS_PORT,
    });
    expect(specOf("Service").ports).toMatchObject([
      { port: 80, targetPort: "http" },
      { name: "metrics", targetPort: "metrics" },
    ]);
    expect(the(manifests, "ServiceMonitor").spec).toMatchObject({
      selector: { matchLabels: the(manifests, "Service").metadata.labels },
      endpoints: [{ port: "metrics", path: "/metrics" }],
    });
  });

  test("every container has limits, and the image of one version", () => {
    for (const { image, resources } of [serve, poll]) {
      expect(image).toEndWith(`/${SERVICE}:${manifest.version}`);
      expect(resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
    expect([serve.args, poll.args]).toEqual([["serve"], ["poll"]]);
  });

  test("the CronJob polls once a day in UTC, never twice at once, and the service does not", () => {
    const cron = specOf("CronJob", `${SERVICE}-poll`);
    expect(cron).toMatchObject({
      schedule: expect.stringMatching(/^\d+ \d+ \* \* \*$/),
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: expect.any(Number),
      successfulJobsHistoryLimit: expect.any(Number),
      failedJobsHistoryLimit: expect.any(Number),
      jobTemplate: {
        spec: {
          // Kubernetes doubles its pause from 10 s on: ten minutes, as long as a database is away for a failover.
          backoffLimit: 6,
          activeDeadlineSeconds: expect.any(Number),
          podFailurePolicy: {
            rules: [
              {
                action: "Ignore",
                onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
              },
              {
                action: "FailJob",
                onExitCodes: {
                  containerName: "poll",
                  operator: "In",
                  // What a second try cannot mend; 137 is a process that was killed for its memory.
                  values: [exitCodes.usage, exitCodes.configuration, 137],
                },
              },
            ],
          },
          // podFailurePolicy asks for it.
          template: { spec: { restartPolicy: "Never" } },
        },
      },
    });
    expect(settingsMap().POLL_SCHEDULE).toBe("off");
  });

  test("every credential comes from the secret, by its name in kebab-case, and nothing else does", () => {
    const expected = settings.filter(isSecret).sort();
    for (const { env } of [serve, poll]) {
      expect(env.map(({ name }) => name).sort()).toEqual(expected);
      for (const { name, valueFrom, value } of env) {
        expect(value).toBeUndefined();
        expect(valueFrom?.secretKeyRef).toMatchObject({
          name: `${SERVICE}-credentials`,
          key: kebab(name),
        });
      }
    }
    expect(poll.env).toEqual(serve.env);
    expect(configMapOf(poll)).toBe(configMapOf(serve));
    expect(manifests.some(({ kind }) => kind === "Secret")).toBe(false);
  });

  test("the settings are variables that the service knows, and none of them is a credential", () => {
    const names = Object.keys(settingsMap());
    expect(names.filter((name) => !settings.includes(name) || isSecret(name))).toEqual([]);
  });

  test("with the required credentials and one account the settings make a service that starts", () => {
    const required = serve.env
      .filter(({ valueFrom }) => !valueFrom?.secretKeyRef?.optional)
      .map(({ name }) => name);
    expect(required.sort()).toEqual(["BACKEND_API_KEY", "DATABASE_URL", "FLOWCORE_API_KEY"]);
    const config = loadConfig({
      ...settingsMap(),
      DATABASE_URL: "postgres://database.example.com/monitor",
      BACKEND_API_KEY: "an-api-key-for-tests",
      FLOWCORE_API_KEY: "fc_test_0123456789abcdef",
      DACH_API: "a-key",
    });
    expect(config.vivenu.pollSchedule).toBeUndefined();
    expect(config.google).toBeUndefined();
  });

  test("nothing comes in but from the gateway and from Prometheus", () => {
    expect(the(manifests, "NetworkPolicy", "default-deny").spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    const { ingress } = specOf("NetworkPolicy", `${SERVICE}-in`) as unknown as {
      ingress: { from: Peer[]; ports: { port: string }[] }[];
    };
    expect(ingress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([
      ["http"],
      ["metrics"],
    ]);
    for (const { from } of ingress)
      for (const peer of from) expect(peer.namespaceSelector?.matchLabels).toBeDefined();
  });

  test("nothing goes out but DNS, PostgreSQL and HTTPS, and none of it to the metadata service", () => {
    const { egress } = specOf("NetworkPolicy", `${SERVICE}-out`) as unknown as {
      egress: { to: Peer[]; ports: { port: number }[] }[];
    };
    expect(egress.map(({ ports }) => [...new Set(ports.map(({ port }) => port))])).toEqual([
      [53],
      [5432],
      [443],
    ]);
    const everywhere = egress.flatMap(({ to }) =>
      to.flatMap(({ ipBlock }) => (ipBlock?.cidr === "0.0.0.0/0" ? [ipBlock.except] : [])),
    );
    expect(everywhere).toEqual([expect.arrayContaining(["169.254.0.0/16", "10.0.0.0/8"])]);
  });
});

test("create-secret.sh asks for every key that a pod reads", async () => {
  const script = await readFile(join(root, "k8s/create-secret.sh"), "utf8");
  const asked = [...script.matchAll(/\b(?:ask|add) ([a-z][a-z-]+)/g)].map(([, key]) => key);
  const each = /readonly hyrox="([^"]+)"/.exec(script)?.[1]?.split(" ") ?? [];
  const keys = [...asked, ...each.flatMap((name) => [`${name}-api`, `${name}-webhook-secret`])];
  expect(keys.sort()).toEqual(settings.filter(isSecret).map(kebab).sort());
});

const configMapOf = ({ envFrom }: Container) => {
  const [from] = envFrom;
  expect(envFrom).toHaveLength(1);
  return from?.configMapRef?.name;
};
