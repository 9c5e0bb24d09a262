import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Package {
  name: string;
  version: string;
  licence: string;
}

/** They ask for no more than to be named, which their files in the image do. */
const ALLOWED = new Set([
  ...["MIT", "MIT-0", "ISC", "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"],
  ...["Unlicense", "CC0-1.0", "BlueOak-1.0.0"],
]);
/** What says its licence in words that are no identifier, and what it means by them. */
const MEANT: Readonly<Record<string, string>> = {
  // Its LICENSE file is the three clauses.
  "url-template@2.0.8": "BSD-3-Clause",
};

/** The packages that the dependencies need, and no tool's: as they are installed. */
export async function shippedPackages(root: string): Promise<Package[]> {
  const found = new Map<string, Package>();
  const visit = async (name: string, from: string): Promise<void> => {
    const at = await placeOf(name, from);
    if (at === undefined) return;
    const {
      version,
      license,
      licenses,
      dependencies = {},
      optionalDependencies = {},
    } = await read(at);
    const key = `${name}@${version}`;
    if (found.has(key)) return;
    found.set(key, { name, version, licence: MEANT[key] ?? wordOf(license ?? licenses) });
    for (const one of Object.keys({ ...dependencies, ...optionalDependencies }))
      await visit(one, at);
  };
  const { dependencies = {} } = await read(root);
  for (const name of Object.keys(dependencies)) await visit(name, root);
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

export const licenceFaults = (packages: readonly Package[]): string[] =>
  packages
    .filter(({ licence }) => !isAllowed(licence))
    .map(
      ({ name, version, licence }) => `${name}@${version} has the licence ${licence || "(none)"}`,
    );

/** Of several that are offered one is enough, and of several that hold together all are needed. */
const isAllowed = (licence: string) =>
  licence
    .replace(/[()]/g, "")
    .split(/ OR /i)
    .some((one) => one.split(/ AND /i).every((word) => ALLOWED.has(word.trim())));

interface Manifest {
  version: string;
  license?: unknown;
  licenses?: unknown;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The cast: a package's own file; what is missing in it is told. */
const read = async (at: string) =>
  JSON.parse(await readFile(join(at, "package.json"), "utf8")) as Manifest;

/** Beside it, or in a folder above; undefined where an optional one is not installed. */
async function placeOf(name: string, from: string): Promise<string | undefined> {
  for (let at = from; ; at = join(at, "..")) {
    const place = join(at, "node_modules", name);
    if (await Bun.file(join(place, "package.json")).exists()) return place;
    if (at === join(at, "..")) return undefined;
  }
}

const wordOf = (licence: unknown): string =>
  typeof licence === "string"
    ? licence
    : Array.isArray(licence)
      ? licence.map(wordOf).join(" OR ")
      : String(Object(licence).type ?? "");
