/** The floor of the webhook benchmark: the same server and check, and nothing kept. Prints its port. */
import { Hono } from "hono";
import { verify } from "../src/vivenu/signature.ts";

const key = process.env.WEBHOOK_KEY ?? "";
const app = new Hono();
app.post("/webhooks/vivenu/:region", async (c) => {
  const body = new Uint8Array(await c.req.arrayBuffer());
  if (!verify(body, c.req.header("x-vivenu-signature"), key)) return c.json({}, 401);
  const delivery = JSON.parse(new TextDecoder().decode(body)) as { type: string };
  return c.json({ accepted: delivery.type !== "" });
});
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
process.stdout.write(`${server.port}\n`);
process.stdin.on("end", () => process.exit()).resume();
