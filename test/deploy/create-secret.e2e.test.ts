import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./overlays.ts";

const bash = Bun.which("bash") ?? "bash";

const answers = {
  "database-url": "postgres://monitor:p%22a'$(id)`@database.example.com/monitor?sslmode=require",
  "backend-api-key": 'back\\slash "quoted" $HOME key',
  "flowcore-api-key": "fc_test_0123456789abcdef",
  "google-private-key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----\\n",
  "dach-api": "key_dach_0123456789",
  "dach-webhook-secret": "the-hmac-key-of-dach",
};

let folder: string;
const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-secret-"));
  // Every program that the script may call, with its arguments and environment noted.
  const note = `{ printf '%s\\n' "$0" "$@"; export -p; } >> "${folder}/seen"`;
  for (const tool of ["base64", "tr", "sed"])
    await writeProgram(tool, `${note}\nexec ${Bun.which(tool)} "$@"`);
  await writeProgram(
    "kubectl",
    `${note}
case "$*" in
  *"get secret"*) [[ ! -e "${folder}/exists" ]] || echo secret/vivenu-event-monitor-credentials ;;
  *"get namespace"*) [[ "$3" != "gone" ]] || { echo 'namespaces "gone" not found' >&2; exit 1; } ;;
  *) echo "$*" > "${folder}/asked"; IFS= read -r -d '' all; printf '%s' "$all" > "${folder}/sent"; echo done ;;
esac`,
  );
});

afterEach(() => rm(folder, { recursive: true }));

test("makes the secret of exactly what was typed, and shows it to nobody", async () => {
  const { code, said } = await run(["production", "dach"], Object.values(await typed()));
  expect(code).toBe(0);
  expect(await read("asked")).toBe("--namespace production create --filename -\n");
  const secret = JSON.parse(await read("sent"));
  expect(secret).toMatchObject({
    kind: "Secret",
    metadata: { name: "vivenu-event-monitor-credentials" },
  });
  expect(decoded(secret.data)).toEqual(answers);
  await expectHidden(said);
});

test("a region that is written as /status has it is the one that the pods read", async () => {
  await Bun.write(join(folder, "exists"), "");
  const { code } = await run(["production", "SOUTH_AFRICA"], ["", "", "", "", "key_of_an_account"]);
  expect(code).toBe(0);
  expect(decoded(JSON.parse(await read("sent")).data)).toEqual({
    "south-africa-api": "key_of_an_account",
  });
});

test("changes only what was typed where the secret is there already", async () => {
  await Bun.write(join(folder, "exists"), "");
  const { code, said } = await run(["production", "dach"], ["", answers["backend-api-key"]]);
  expect(code).toBe(0);
  expect(await read("asked")).toContain("patch secret vivenu-event-monitor-credentials");
  expect(await read("asked")).toContain("--patch-file /dev/stdin");
  expect(decoded(JSON.parse(await read("sent")).data)).toEqual({
    "backend-api-key": answers["backend-api-key"],
  });
  await expectHidden(said);
});

test("asks again for what cannot be right, without repeating it", async () => {
  const { said } = await run(["production"], ["mysql://nobody", answers["database-url"]]);
  expect(said).toContain("it begins with postgres://");
  expect(said).not.toContain("mysql");
  expect(decoded(JSON.parse(await read("sent")).data)).toEqual({
    "database-url": answers["database-url"],
  });
});

test("says of a new secret which entries no pod starts without", async () => {
  const whole = await run(["production", "dach"], Object.values(await typed()));
  expect(whole.said).not.toContain("no pod starts");
  const { said } = await run(["production"], [answers["database-url"]]);
  expect(said.match(/Without (\S+) no pod starts/g)).toEqual([
    "Without backend-api-key no pod starts",
    "Without flowcore-api-key no pod starts",
  ]);
});

test("sends nothing when nothing was typed", async () => {
  const { code, said } = await run(["production"], []);
  expect(code).toBe(0);
  expect(said).toContain("Nothing to change.");
  expect(await read("asked")).toBe("");
});

test("goes to the namespace public-sites where none is named and nobody sits at a terminal", async () => {
  const { code, said } = await run([], [answers["database-url"]]);
  expect(code).toBe(0);
  expect(said).toContain("in namespace public-sites.");
  expect(await read("asked")).toBe("--namespace public-sites create --filename -\n");
  expect(decoded(JSON.parse(await read("sent")).data)).toEqual({
    "database-url": answers["database-url"],
  });
});

test.each([
  ["", "public-sites"],
  ["staging", "staging"],
])("asks for the namespace on a terminal: %p is %p", async (answer, namespace) => {
  const { code, said } = await runOnTerminal([answer, answers["database-url"]]);
  expect(said).toContain("Namespace (empty: public-sites): ");
  expect(said).toContain(`in namespace ${namespace}.`);
  expect(code).toBe(0);
  expect(await read("asked")).toBe(`--namespace ${namespace} create --filename -\n`);
  expect(said).not.toContain(answers["database-url"]);
});

test("says how it is called, and stops before it asks when the namespace is not there", async () => {
  for (const wrong of ["Public Sites", "--help", ""])
    expect(await run([wrong], [])).toMatchObject({
      code: 2,
      said: expect.stringContaining("usage:"),
    });
  const gone = await run(["gone"], [answers["database-url"]]);
  expect(gone).toMatchObject({ code: 1, said: 'namespaces "gone" not found\n' });
});

test("shows nothing even when the shell is told to trace", async () => {
  const { said } = await run(["production", "dach"], Object.values(await typed()), ["-x"]);
  await expectHidden(said);
});

/** The answers in the order of the questions; the Google key is read from a file. */
async function typed() {
  const file = join(folder, "service-account.json");
  const key = answers["google-private-key"];
  await Bun.write(
    file,
    `{\n  "type": "service_account",\n  "private_key": "${key}",\n  "x": 1\n}\n`,
  );
  return { ...answers, "google-private-key": file };
}

async function run(args: string[], lines: string[], flags: string[] = []) {
  const child = Bun.spawn([bash, ...flags, join(root, "k8s/create-secret.sh"), ...args], {
    env: { PATH: folder },
    stdin: new Blob([lines.map((line) => `${line}\n`).join("")]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, said: out + err };
}

/** Answers each question when it was asked, as a person does; of those without an answer, nothing. */
async function runOnTerminal(lines: string[]) {
  const left = [...lines];
  let said = "";
  const child = Bun.spawn([bash, join(root, "k8s/create-secret.sh")], {
    env: { PATH: folder },
    terminal: {
      data: (terminal, bytes) => {
        const text = Buffer.from(bytes).toString();
        said += text;
        if (text.endsWith(": ")) terminal.write(`${left.shift() ?? ""}\n`);
      },
    },
  });
  const code = await child.exited;
  child.terminal?.close();
  return { code, said };
}

/** Neither in what was printed nor in any program's arguments and environment, plain or encoded. */
async function expectHidden(said: string) {
  const seen = `${said}\n${await read("seen")}`;
  expect(seen).toContain("kubectl");
  for (const value of Object.values(answers))
    for (const shown of [value, Buffer.from(value).toString("base64")])
      expect(seen).not.toContain(shown);
}

const decoded = (data: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );

async function writeProgram(name: string, body: string) {
  await Bun.write(join(folder, name), `#!${bash}\n${body}\n`);
  await chmod(join(folder, name), 0o755);
}
