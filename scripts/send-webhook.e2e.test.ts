import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";

interface Taken {
  body: unknown;
  isSigned: boolean;
}

/** A service that takes whatever comes, and the folder of a `dev` that has made a key for it. */
async function stage() {
  const dataDir = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-webhook-"));
  await Bun.write(join(dataDir, "dev.env"), "DACH_WEBHOOK_SECRET='the-key-of-dach-in-dev'\n");
  const taken: Taken[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = Buffer.from(await request.arrayBuffer());
      const fitting = createHmac("sha256", "the-key-of-dach-in-dev").update(body).digest("hex");
      const isSigned = request.headers.get("x-vivenu-signature") === fitting;
      taken.push({ body: JSON.parse(body.toString()), isSigned });
      return new Response("taken");
    },
  });
  return {
    taken,
    async write(name: string, text: string) {
      await Bun.write(join(dataDir, name), text);
      return join(dataDir, name);
    },
    async send(...args: string[]) {
      const child = Bun.spawn([process.execPath, "scripts/send-webhook.ts", ...args], {
        env: {
          ...parseEnv(await Bun.file("env.example").text()),
          ...{ PATH: process.env.PATH ?? "", DATA_DIR: dataDir, PORT: String(service.port) },
        },
        stdout: "pipe",
        stderr: "pipe",
      });
      const [out, error] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      return { out, error, code: await child.exited };
    },
    async [Symbol.asyncDispose]() {
      await service.stop(true);
      await rm(dataDir, { recursive: true });
    },
  };
}

test("a webhook is signed with the key of a running dev, whatever of env.example was left empty", async () => {
  await using staged = await stage();
  expect(await staged.send()).toEqual({ out: "200 taken\n", error: "", code: 0 });
  expect(staged.taken).toMatchObject([{ isSigned: true, body: { type: "event.updated" } }]);
});

test("a body of any type is sent as it stands in its file, under an id of its own", async () => {
  await using staged = await stage();
  const body = { id: "1", type: "ticket.created", data: { ticket: { eventId: "berlin" } } };
  const file = await staged.write("body.json", JSON.stringify(body));
  expect(await staged.send("--file", file, "--times", "2")).toMatchObject({ code: 0 });
  const [first, second] = staged.taken;
  expect(first).toEqual({
    isSigned: true,
    body: { ...body, id: expect.stringMatching(/^.{36}$/) },
  });
  expect(second).toEqual(first);
});

test.each([
  ["what is not there", undefined, [], "cannot be read (ENOENT)"],
  ["what is no JSON", "{", [], "holds no JSON object"],
  ["what is no object", "null", [], "holds no JSON object"],
  ["a name for what describes no event", "{}", ["--name", "HYROX"], "--name and --sell-start"],
])("of %s nothing is sent, and it says so", async (_, text, args, says) => {
  await using staged = await stage();
  const file = text === undefined ? "/not/there.json" : await staged.write("body.json", text);
  const { code, error } = await staged.send("--file", file, ...args);
  expect(code).toBe(1);
  expect(error).toContain(says);
  expect(error).not.toContain(" at ");
  expect(staged.taken).toEqual([]);
});
