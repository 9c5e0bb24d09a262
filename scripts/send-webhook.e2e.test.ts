import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";

test("a webhook is signed with the key of a running dev, whatever of env.example was left empty", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-webhook-"));
  await Bun.write(join(dataDir, "dev.env"), "DACH_WEBHOOK_SECRET='the-key-of-dach-in-dev'\n");
  const signed: boolean[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = Buffer.from(await request.arrayBuffer());
      const fitting = createHmac("sha256", "the-key-of-dach-in-dev").update(body).digest("hex");
      signed.push(request.headers.get("x-vivenu-signature") === fitting);
      return new Response("taken");
    },
  });
  try {
    const child = Bun.spawn([process.execPath, "scripts/send-webhook.ts"], {
      env: {
        ...parseEnv(await Bun.file("env.example").text()),
        ...{ PATH: process.env.PATH ?? "", DATA_DIR: dataDir, PORT: String(service.port) },
      },
      stdout: "pipe",
    });
    expect(await new Response(child.stdout).text()).toBe("200 taken\n");
    expect(await child.exited).toBe(0);
    expect(signed).toEqual([true]);
  } finally {
    await service.stop(true);
    await rm(dataDir, { recursive: true });
  }
});
