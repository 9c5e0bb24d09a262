import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { connect } from "./connect.ts";
import { codeOf } from "./fault.ts";

/** A port at which nobody listens any more. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      server.close(() => resolve(port));
    });
  });

test("who asks a server that was away for long is told so within two seconds", async () => {
  const sql = connect(`postgres://u@127.0.0.1:${await freePort()}/d`, { max: 10 });
  const ask = () => sql`select 1`.then(() => "an answer", codeOf);
  try {
    const all = () => Promise.all(Array.from({ length: 10 }, ask));
    await all();
    const waited = Bun.sleep(2_000).then(() => ["it still waits"]);
    expect(new Set(await Promise.race([all(), waited]))).toEqual(new Set(["ECONNREFUSED"]));
  } finally {
    await sql.end({ timeout: 0 });
  }
});
