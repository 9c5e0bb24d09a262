import { beforeAll, expect, test } from "bun:test";
import { type Manifest, podSpecOf } from "./kustomize.ts";
import { buildWith, the } from "./overlays.ts";

const SERVE = "vivenu-event-monitor";
const WORKER = "vivenu-event-monitor-worker";

let manifests: Manifest[];

beforeAll(async () => {
  manifests = await buildWith("worker");
});

const deployed = (name: string) => {
  const manifest = the(manifests, "Deployment", name);
  const [container] = podSpecOf(manifest)?.containers ?? [];
  if (!container) throw new Error(`${name} has no container`);
  return { spec: manifest.spec as Record<string, unknown>, pod: podSpecOf(manifest), container };
};

test("the loops' deployment runs the loops, and the other one leaves them to it", () => {
  expect(deployed(WORKER).container.args).toEqual(["serve", "--role", "worker"]);
  expect(deployed(SERVE).container.args).toEqual(["serve"]);
  const settings = the(manifests, "ConfigMap", SERVE).data as Record<string, string>;
  expect(settings.SERVE_ROLE).toBe("http");
  expect(settings.METRICS_PORT).toBe("9090");
});

test("both have the same image, settings, credentials and restrictions", () => {
  const [serve, worker] = [deployed(SERVE), deployed(WORKER)];
  expect(worker.pod?.volumes).toEqual(serve.pod?.volumes);
  for (const field of ["image", "env", "envFrom", "volumeMounts", "securityContext", "resources"])
    expect(worker.container[field]).toEqual(serve.container[field]);
  expect(worker.pod?.securityContext).toEqual(serve.pod?.securityContext);
  for (const field of ["replicas", "strategy"])
    expect(worker.spec[field]).toEqual(serve.spec[field]);
});

test("of either a drained node takes one pod at a time, and none waits for a pod that is not ready", () => {
  for (const name of [SERVE, WORKER])
    expect(the(manifests, "PodDisruptionBudget", name).spec).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: deployed(name).spec.selector,
    });
});

test("what is asked of the loops' pods is asked at the metrics' port, which Prometheus alone reaches", () => {
  const { container } = deployed(WORKER);
  expect(container.ports).toEqual([{ name: "metrics", containerPort: 9090 }]);
  for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"])
    expect(container[probe]).toMatchObject({ httpGet: { port: "metrics" } });
  const service = the(manifests, "Service", WORKER);
  const monitor = the(manifests, "ServiceMonitor").spec as { selector: { matchLabels: object } };
  expect(service.metadata.labels).toMatchObject(monitor.selector.matchLabels);
  const labels = { "app.kubernetes.io/name": SERVE, "app.kubernetes.io/component": "worker" };
  expect(service.spec).toMatchObject({ selector: labels });
  const policy = the(manifests, "NetworkPolicy", `${WORKER}-in`).spec;
  expect(policy).toMatchObject({
    podSelector: { matchLabels: labels },
    ingress: [{ ports: [{ port: "metrics" }] }],
  });
});
