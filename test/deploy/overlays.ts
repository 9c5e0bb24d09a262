import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildOverlay, type Manifest, parseManifests } from "./kustomize.ts";

export const root = join(import.meta.dir, "../..");
export const overlays = ["production", "staging"] as const;
export type Overlay = (typeof overlays)[number];
export const kubectl = Bun.which("kubectl");

const folderOf = (overlay: Overlay) => join(root, "k8s/overlays", overlay);

export const resolve = (overlay: Overlay) => buildOverlay(folderOf(overlay));

/** The real thing, where kubectl is; else what the resolver makes of the same files. */
export const build = (overlay: Overlay) =>
  kubectl ? kubectlKustomize(kubectl, folderOf(overlay)) : resolve(overlay);

async function kubectlKustomize(command: string, folder: string): Promise<Manifest[]> {
  const child = Bun.spawn([command, "kustomize", folder], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [built, said] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(said);
  return parseManifests(built) as Manifest[];
}

/** Production with an optional component, as an operator adds it; by kubectl, where it is named. */
export async function buildWith(component: string, by?: string | null): Promise<Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-overlay-"));
  try {
    await cp(join(root, "k8s"), join(folder, "k8s"), { recursive: true });
    const overlay = join(folder, "k8s/overlays/production");
    const path = join(overlay, "kustomization.yaml");
    const added = `components:\n  - ../../components/${component}\n`;
    await Bun.write(path, (await Bun.file(path).text()).replace("components:\n", added));
    return await (by ? kubectlKustomize(by, overlay) : buildOverlay(overlay));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function the<T extends Manifest>(manifests: T[], kind: string, name?: string): T {
  const found = manifests.filter(
    (manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name),
  );
  if (found.length !== 1 || !found[0])
    throw new Error(`${found.length} manifests are a ${kind} ${name ?? ""}`);
  return found[0];
}
