import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Glob } from "bun";
import { validate } from "dockerfile-utils";
import manifest from "../../package.json" with { type: "json" };
import { COLLECTS_EARLY } from "../../src/service/processes/heap.ts";
import { emptyDatabase } from "../support/database.ts";
import { until } from "../support/stage.ts";
import { execForm, pairsOf, parseDockerfile, replay } from "./dockerfile.ts";
import { root } from "./overlays.ts";

const text = await readFile(join(root, "Dockerfile"), "utf8");
const dockerfile = parseDockerfile(text);
const service = dockerfile.stages.at(-1)?.instructions ?? [];
const everything = dockerfile.stages.flatMap(({ instructions }) => instructions);
const valuesOf = (name: string, among = service) =>
  among.filter((one) => one.name === name).map(({ value }) => value);

describe("the Dockerfile", () => {
  test("is one that Docker understands", () => {
    expect(validate(text).map(({ message }) => message)).toEqual([]);
  });

  test("starts from this project's Bun, and from a digest of it when one is given", () => {
    expect(dockerfile.args).toEqual({ BUN_VERSION: manifest.devDependencies.bun, BUN_DIGEST: "" });
    const [base, ...others] = dockerfile.stages;
    expect(base?.from).toBe(`oven/bun:\${BUN_VERSION}-slim\${BUN_DIGEST:+@\${BUN_DIGEST}}`);
    expect(others.map(({ from }) => from)).toEqual(["base", "base", "base"]);
  });

  test("installs what the lockfile says, for production, and runs no package's scripts", () => {
    const [install = ""] = valuesOf("RUN", everything);
    expect(install).toStartWith("bun install --frozen-lockfile --production --ignore-scripts");
    expect(valuesOf("RUN")).toEqual([]);
  });

  test("keeps the registry's token out of every layer", () => {
    const [install] = everything.filter(({ name }) => name === "RUN");
    expect(install?.flags).toEqual(["--mount=type=secret,id=npm_token,env=NPM_CONFIG_TOKEN"]);
    for (const name of ["ARG", "ENV", "COPY", "ADD"])
      for (const value of valuesOf(name, everything))
        expect(value).not.toMatch(/token|secret|password|npmrc|_key/i);
  });

  test("copies the program and nothing else", () => {
    const copied = service.filter(({ name }) => name === "COPY");
    expect(copied.map(({ flags, value }) => [...flags, value].join(" "))).toEqual([
      "--from=dependencies /app/node_modules ./node_modules",
      "package.json bun.lock flowcore.yaml tsconfig.json ./",
      "src ./src",
      "--from=program /app/dist ./dist",
    ]);
    expect(valuesOf("ADD", everything)).toEqual([]);
  });

  test("has every process collect as early as those that `serve` starts", () => {
    expect(pairsOf(valuesOf("ENV").join(" "))).toMatchObject(COLLECTS_EARLY);
  });

  test("runs as a user that Kubernetes can see is not root, with a health check", () => {
    expect(valuesOf("USER")).toEqual(["1000:1000"]);
    expect(valuesOf("HEALTHCHECK")).toHaveLength(1);
    expect(valuesOf("EXPOSE")).toEqual(["18765 9090"]);
    expect(valuesOf("CMD").map(execForm)).toEqual([["serve"]]);
  });

  test("says what is in the image", () => {
    const labels = pairsOf(valuesOf("LABEL").join(" "));
    for (const name of ["title", "description", "version", "revision", "created", "base.digest"])
      expect(labels).toHaveProperty([`org.opencontainers.image.${name}`]);
    expect(labels["org.opencontainers.image.description"]).toBe(manifest.description);
  });
});

describe("its steps, replayed in a clean folder", () => {
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  let folder: string;
  let image: string;
  let bun: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-image-"));
    // Whoever runs the service in the end must be able to enter it.
    await chmod(folder, 0o755);
    bun = join(folder, "bin", "bun");
    await mkdir(join(folder, "bin"));
    await copyFile(process.execPath, bun, constants.COPYFILE_FICLONE);
    await chmod(bun, 0o755);
    const env = { ...process.env, PATH: `${join(folder, "bin")}:/usr/bin:/bin` };
    image = await replay(dockerfile, {
      context: root,
      into: join(folder, "stages"),
      async runShell(command, cwd) {
        const child = Bun.spawn(["sh", "-c", command], {
          cwd,
          env,
          stdout: "ignore",
          stderr: "pipe",
        });
        const said = await new Response(child.stderr).text();
        if ((await child.exited) !== 0) throw new Error(`${command}: ${said}`);
      },
    });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("give nothing that production does not need, and little of that", async () => {
    const sizes = await sizesOf(join(image, "app"));
    const paths = [...sizes.keys()];
    // What a production package needs as well is there in its own right.
    for (const name of Object.keys(manifest.devDependencies).filter((name) => name !== "fflate"))
      expect(paths.filter((path) => path.startsWith(`node_modules/${name}/`))).toEqual([]);
    for (const pattern of [/^(sandbox|test|k8s|bench|docs)\//, /^src\/.*\.test\.ts$/, /\.env/])
      expect(paths.filter((path) => pattern.test(path))).toEqual([]);
    const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    const bunBytes = (await stat(bun)).size;
    process.stdout.write(
      `image: ${mebibytes(total)} MiB in ${paths.length} files, beside Bun's ${mebibytes(bunBytes)} MiB\n`,
    );
    expect(mebibytes(total)).toBeLessThan(64);
  });

  test("give a service that starts without root, answers its health check, writes nothing and stops in time", async () => {
    await using database = await emptyDatabase();
    const app = join(image, "app");
    const before = await sizesOf(app);
    const environment = {
      ...pairsOf(valuesOf("ENV").join(" ")),
      PATH: join(folder, "bin"),
      PORT: "0",
      HOST: "127.0.0.1",
      DATABASE_URL: database.url,
      BACKEND_API_KEY: "an-api-key-for-tests",
      FLOWCORE_TENANT: "hyrox",
      FLOWCORE_DATA_CORE: "vivenu-event-monitor",
      FLOWCORE_API_KEY: "fc_test_0123456789abcdef",
      // Nobody listens there: it must start although the outside world is away.
      FLOWCORE_BASE_URL: "http://127.0.0.1:9",
      VIVENU_BASE_URL: "http://127.0.0.1:9",
      POLL_SCHEDULE: "off",
      DACH_API: "a-key",
    };
    const [entrypoint = "[]"] = valuesOf("ENTRYPOINT");
    const [command = "[]"] = valuesOf("CMD");
    const running = start([...execForm(entrypoint), ...execForm(command)], environment);
    const port = await running.port;

    const answer = await fetch(`http://127.0.0.1:${port}/health`);
    expect(await answer.json()).toEqual({ status: "ok", version: manifest.version });
    // It is alive at once, and ready when reads are answered.
    const isReady = async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
    await until(isReady, { withinMs: 40_000, what: "readiness" });
    const [check = ""] = valuesOf("HEALTHCHECK");
    const health = () => start(execForm(check), { ...environment, PORT: `${port}` }).exited;
    expect(await health()).toBe(0);

    const asked = performance.now();
    running.stop();
    expect(await running.exited).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await health()).not.toBe(0);
    expect(await sizesOf(app)).toEqual(before);
  });

  /** As the image's user where root runs the tests, in an environment of its own. */
  function start([, ...args]: string[], env: Record<string, string>) {
    const user = process.getuid?.() === 0 ? { uid: 1_000, gid: 1_000 } : {};
    const child = spawn(bun, args, {
      ...user,
      cwd: join(image, "app"),
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    const started = Promise.withResolvers<number>();
    createInterface(child.stdout).on("line", (line) => {
      const [, port] = /"port":(\d+)/.exec(line) ?? [];
      if (port) started.resolve(Number(port));
    });
    exited.then((code) => started.reject(new Error(`it ended with ${code}`)), started.reject);
    started.promise.catch(() => {});
    return { port: started.promise, exited, stop: () => child.kill("SIGTERM") };
  }
});

async function sizesOf(folder: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const path of new Glob("**/*").scan({ cwd: folder, dot: true }))
    sizes.set(path, (await stat(join(folder, path))).size);
  return sizes;
}
