/**
 * The floor of the webhook benchmark: bare Bun HTTP, the same check of the signature, and one row
 * with the body, compressed, inserted before the answer, into the same PostgreSQL. Prints its port.
 */
import postgres from "postgres";
import { verify } from "../src/vivenu/signature.ts";

const { WEBHOOK_KEY: key = "", DATABASE_URL = "" } = process.env;
const sql = postgres(DATABASE_URL, { max: 10, onnotice: () => {} });
await sql`create table if not exists bench_floor (body bytea not null)`;
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const body = new Uint8Array(await request.arrayBuffer());
    if (!verify(body, request.headers.get("x-vivenu-signature") ?? "", key))
      return new Response("", { status: 401 });
    JSON.parse(new TextDecoder().decode(body));
    await sql`insert into bench_floor (body) values (${Buffer.from(Bun.gzipSync(body, { level: 1 }))})`;
    return Response.json({ accepted: true });
  },
});
process.stdout.write(`${server.port}\n`);
process.stdin.on("end", () => process.exit()).resume();
