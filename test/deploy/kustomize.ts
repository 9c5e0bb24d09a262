import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

interface Generator {
  name: string;
  behavior?: "create" | "merge";
  literals?: string[];
  files?: string[];
  options?: { disableNameSuffixHash?: boolean; labels?: Record<string, string> };
}

interface Kustomization {
  namespace?: string;
  resources?: string[];
  components?: string[];
  images?: { name: string; newName: string; newTag: string }[];
  configMapGenerator?: Generator[];
}

const understood = [
  ...["apiVersion", "kind", "namespace", "resources", "components", "images"],
  "configMapGenerator",
];
const clusterWide = ["Namespace"];

/**
 * What `kubectl kustomize` makes of a folder, for machines without kubectl: exactly the features that
 * `k8s/` uses, and an error for any other. Names of generated ConfigMaps carry no hash.
 */
export async function buildOverlay(folder: string): Promise<Manifest[]> {
  return accumulate(folder, []);
}

async function accumulate(folder: string, before: Manifest[]): Promise<Manifest[]> {
  const kustomization = await readKustomization(folder);
  let manifests = [...before];
  for (const resource of kustomization.resources ?? [])
    manifests.push(
      ...(resource.endsWith(".yaml")
        ? await readManifests(join(folder, resource))
        : await accumulate(join(folder, resource), [])),
    );
  for (const component of kustomization.components ?? [])
    manifests = await accumulate(join(folder, component), manifests);
  for (const generator of kustomization.configMapGenerator ?? [])
    manifests = await generate(folder, generator, manifests);
  for (const image of kustomization.images ?? [])
    for (const container of manifests.flatMap(containersOf))
      if (container.image === image.name) container.image = `${image.newName}:${image.newTag}`;
  return kustomization.namespace === undefined
    ? manifests
    : manifests.map((manifest) => moveTo(kustomization.namespace ?? "", manifest));
}

async function readKustomization(folder: string): Promise<Kustomization> {
  const [parsed] = await readYaml<Kustomization & object>(join(folder, "kustomization.yaml"));
  if (!parsed) throw new Error(`${folder} holds no kustomization`);
  const unknown = Object.keys(parsed).filter((field) => !understood.includes(field));
  if (unknown.length > 0) throw new Error(`${folder} uses ${unknown}, which the test cannot build`);
  return parsed;
}

async function generate(folder: string, generator: Generator, manifests: Manifest[]) {
  const { name, behavior, literals = [], files = [], options } = generator;
  const data = Object.fromEntries([
    ...literals.map((literal) => splitAt(literal, "=")),
    ...(await Promise.all(
      files.map(async (file) => {
        const [key, path] = file.includes("=") ? splitAt(file, "=") : [basename(file), file];
        return [key, await readFile(join(folder, path), "utf8")] as const;
      }),
    )),
  ]);
  if (behavior === "merge")
    return manifests.map((manifest) =>
      manifest.kind === "ConfigMap" && manifest.metadata.name === name
        ? { ...manifest, data: { ...(manifest.data as object), ...data } }
        : manifest,
    );
  const metadata = { name, ...(options?.labels && { labels: options.labels }) };
  return [...manifests, { apiVersion: "v1", kind: "ConfigMap", metadata, data }];
}

const splitAt = (text: string, separator: string): readonly [string, string] => {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
};

const moveTo = (namespace: string, manifest: Manifest): Manifest => {
  const { metadata } = manifest;
  return clusterWide.includes(manifest.kind)
    ? { ...manifest, metadata: { ...metadata, name: namespace } }
    : { ...manifest, metadata: { ...metadata, namespace } };
};

export interface Container {
  name: string;
  image: string;
  args: string[];
  ports?: { name: string; containerPort: number }[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef?: SecretKey } }[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  [field: string]: unknown;
}

export interface SecretKey {
  name: string;
  key: string;
  optional?: boolean;
}

export interface PodSpec {
  containers: Container[];
  [field: string]: unknown;
}

interface Templated {
  template?: { spec: PodSpec };
  jobTemplate?: { spec: { template: { spec: PodSpec } } };
}

/** The pods that a manifest starts, if it starts any. */
export function podSpecOf(manifest: Manifest): PodSpec | undefined {
  const spec = manifest.spec as Templated | undefined;
  return spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;
}

const containersOf = (manifest: Manifest) => podSpecOf(manifest)?.containers ?? [];

export const readManifests = (path: string) => readYaml<Manifest>(path);

/** The cast: what is read is held against Kubernetes' schemas by a test. */
async function readYaml<T>(path: string): Promise<T[]> {
  return parseManifests(await readFile(path, "utf8")) as T[];
}

export function parseManifests(text: string): unknown[] {
  const parsed: unknown = Bun.YAML.parse(text);
  return (Array.isArray(parsed) ? parsed : [parsed]).filter((document) => document !== null);
}
