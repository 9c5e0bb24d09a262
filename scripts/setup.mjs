/**
 * Makes a fresh checkout ready to run: Bun from its npm package when the pinned one is not here,
 * then the dependencies from `bun.lock`. Needs Node and npm only, and does nothing when nothing
 * changed since the last time.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const wanted = manifest.devDependencies.bun;
const bootstrap = join(root, "node_modules", ".cache", "bun-cli");

/** The path of a Bun of the pinned version, installed if there is none. Ends this process, with a sentence, where it cannot be. */
export function setup() {
  try {
    const bun = findBun() ?? installBun();
    installDependencies(bun);
    return bun;
  } catch (error) {
    say(whyNot(error));
    process.exit(1);
  }
}

function whyNot(error) {
  const { code, path, status, message } = error;
  if (["EACCES", "EPERM", "EROFS"].includes(code))
    return `${path} cannot be written to: run \`npm run setup\` once as somebody who may write there`;
  if (code === "ENOSPC") return `no space is left on the disk of ${root}`;
  if (typeof status === "number")
    return `what was to be installed could not be (exit code ${status}); the lines above say why`;
  return message;
}

function findBun() {
  const found = [bunOnPath(), bunIn(root), bunIn(bootstrap)];
  return found.find((path) => path && versionOf(path) === wanted);
}

/** Its own path, for the name will mean another once `node_modules/.bin` has a `bun` as well. */
function bunOnPath() {
  const answer = spawnSync("bun", ["--print", "process.execPath"], { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
}

function versionOf(bun) {
  const answer = spawnSync(bun, ["--version"], { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
}

/** The binary that the npm package `bun` put into `folder`, whether or not its install script ran. */
function bunIn(folder) {
  const direct = join(folder, "node_modules", "bun", "bin", "bun.exe");
  if (existsSync(direct) && versionOf(direct) === wanted) return direct;
  const { platform, arch } = process;
  const cpu = { x64: "x64", arm64: "aarch64" }[arch];
  const system = platform === "win32" ? "windows" : platform;
  const name = platform === "win32" ? "bun.exe" : "bun";
  const packages = [`bun-${system}-${cpu}`, `bun-${system}-${cpu}-musl`];
  const require = createRequire(join(folder, "node_modules", "bun", "package.json"));
  for (const candidate of packages) {
    try {
      const path = join(require.resolve(`@oven/${candidate}/package.json`), "..", "bin", name);
      if (versionOf(path) === wanted) return path;
    } catch {
      // Not the package of this platform: the next one is tried.
    }
  }
  return undefined;
}

function installBun() {
  say(`installing Bun ${wanted}`);
  mkdirSync(bootstrap, { recursive: true });
  writeFileSync(join(bootstrap, "package.json"), '{ "private": true }\n');
  npm(["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", `bun@${wanted}`]);
  const bun = bunIn(bootstrap);
  if (!bun) {
    throw new Error(
      `npm installed bun@${wanted} but it does not run on ${process.platform} ${process.arch}. ` +
        "Install Bun yourself (https://bun.com), then start again.",
    );
  }
  return bun;
}

function npm(args) {
  const windows = process.platform === "win32";
  execFileSync(windows ? "npm.cmd" : "npm", args, {
    cwd: bootstrap,
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
}

function installDependencies(bun) {
  const stamp = join(root, "node_modules", ".cache", "installed");
  const patches = Object.values(manifest.patchedDependencies ?? {});
  const hash = createHash("sha256");
  for (const file of ["bun.lock", "package.json", ...patches])
    hash.update(readFileSync(join(root, file)));
  const state = hash.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
  say("installing dependencies");
  execFileSync(bun, ["install", "--frozen-lockfile"], { cwd: root, stdio: ["ignore", 2, 2] });
  mkdirSync(join(stamp, ".."), { recursive: true });
  writeFileSync(stamp, state);
}

const say = (what) => process.stderr.write(`setup: ${what}\n`);

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
