/** The floor of the memory benchmark: Bun's HTTP and one connection to PostgreSQL, and nothing else. */
import postgres from "postgres";

const sql = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => {} });
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async () => Response.json(await sql`select 1 as one`),
});
process.stdout.write(`${server.port}\n`);
process.stdin.on("end", () => process.exit()).resume();
