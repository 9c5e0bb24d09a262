import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, root } from "./overlays.ts";

const bash = Bun.which("bash") ?? "bash";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-check-"));
  await cp(join(root, "k8s"), join(folder, "k8s"), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const overlay = () => join(folder, "k8s/overlays/production/kustomization.yaml");

/** What a cluster has that everything was prepared in. */
const prepared = [
  "namespace/kube-system",
  "namespace/ingress-nginx",
  "namespace/monitoring",
  "crd/servicemonitors.monitoring.coreos.com",
  "secret/vivenu-event-monitor-credentials",
];

/** The script beside a kubectl that knows of what is in the cluster, and builds the overlay as it is now. */
async function check(inCluster: string[], words = ["production"], more: object[] = []) {
  const manifests = [...(await build("production")), ...more].map((one) =>
    Bun.YAML.stringify(one, null, 2),
  );
  const written = await readFile(overlay(), "utf8");
  const newName = /newName: (\S+)/.exec(written)?.[1] ?? "";
  const settings = [...written.matchAll(/- (GOOGLE_\w+)=(\S*)/g)];
  let text = manifests.join("\n---\n").replaceAll(/image: \S+/g, `image: ${newName}:0`);
  for (const [, name = "", value = ""] of settings)
    text = text.replace(new RegExp(`${name}: .*`), `${name}: "${value}"`);
  await Bun.write(join(folder, "manifests.yaml"), text);
  const kubectl = join(folder, "kubectl");
  await Bun.write(
    kubectl,
    `#!${bash}
case "$*" in
  kustomize*) cat "${folder}/manifests.yaml" ;;
  *"get namespace"*) [[ " ${inCluster.join(" ")} " == *" namespace/$3 "* ]] ;;
  *"get crd"*) [[ " ${inCluster.join(" ")} " == *" crd/$3 "* ]] ;;
  *"get secret"*) [[ "$2" == vivenu-event-monitor && " ${inCluster.join(" ")} " == *" secret/$5 "* ]] ;;
  *) exit 64 ;;
esac
`,
  );
  await chmod(kubectl, 0o755);
  const child = Bun.spawn([bash, join(folder, "k8s/check.sh"), ...words], {
    env: { PATH: `${folder}:${process.env.PATH}` },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, said: out + err };
}

const set = async (from: RegExp, to: string) =>
  Bun.write(overlay(), (await readFile(overlay(), "utf8")).replace(from, to));

test("names the image that is still a placeholder, and its own word for it mends that", async () => {
  const { code, said } = await check(prepared);
  expect(code).toBe(1);
  expect(said).toContain("the image is still a placeholder");
  expect(said).toContain("1 left to do");
  const [command = ""] = /sed -i\.bak '[^']+' \S+/.exec(said) ?? [];
  const mended = command.replace("<registry>", "registry.example.com");
  expect(await Bun.spawn([bash, "-c", mended]).exited).toBe(0);
  expect(await check(prepared)).toMatchObject({
    code: 0,
    said: expect.stringContaining("nothing is left"),
  });
  // The version still follows the releases.
  expect(await readFile(overlay(), "utf8")).toContain("# x-release-please-version");
});

test("names all that the cluster lacks, at once", async () => {
  await set(/newName: .*/, "newName: registry.example.com/vivenu-event-monitor");
  const { code, said } = await check(["namespace/kube-system"]);
  expect(code).toBe(1);
  for (const word of [
    "ingress-nginx",
    "namespace monitoring",
    "ServiceMonitor",
    "create-secret.sh",
  ])
    expect(said).toContain(word);
  expect(said).toContain("4 left to do");
});

test("names a sheet that is set up by half", async () => {
  await set(/newName: .*/, "newName: registry.example.com/vivenu-event-monitor");
  await set(/GOOGLE_SHEET_ID=/, "GOOGLE_SHEET_ID=a-sheet");
  expect((await check(prepared)).said).toContain("one is set and one is not");
  await set(/GOOGLE_SERVICE_ACCOUNT_EMAIL=/, "GOOGLE_SERVICE_ACCOUNT_EMAIL=writer@example.com");
  expect((await check(prepared)).code).toBe(0);
});

test("names a host that is still a placeholder, and a cluster without the Gateway API", async () => {
  await set(/newName: .*/, "newName: registry.example.com/vivenu-event-monitor");
  const route = { kind: "HTTPRoute", spec: { hostnames: ["monitor.example.com"] } };
  const { code, said } = await check(prepared, ["production"], [route]);
  expect(code).toBe(1);
  expect(said).toContain("the host is still a placeholder");
  expect(said).toContain("the cluster knows no HTTPRoute");
  expect(said).toContain("2 left to do");
});

test("does not take a cluster that does not answer for one that lacks everything", async () => {
  await set(/newName: .*/, "newName: registry.example.com/vivenu-event-monitor");
  const { code, said } = await check([]);
  expect(code).toBe(1);
  expect(said).toContain("kubectl does not reach the cluster");
  expect(said).toContain("1 left to do");
});

test("says how it is called", async () => {
  expect(await check(prepared, ["nowhere"])).toMatchObject({ code: 2 });
});
