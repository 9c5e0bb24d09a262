import { z } from "zod";
import { tlsFault } from "../database/tls.ts";
import { Secret } from "./secret.ts";
import { type Values, whole } from "./values.ts";

export const databaseVariables = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" })
    .superRefine((address, fault) => {
      const message = URL.canParse(address) ? tlsFault(address) : undefined;
      if (message !== undefined) fault.addIssue({ code: "custom", message });
    })
    .transform((value) => new Secret(value))
    .describe(
      "PostgreSQL 14 or newer (tried with 15 and 18), in a database of the service's own. For TLS it takes libpq's `sslmode`, `sslrootcert` (a file of the CA, or `system`), `sslcert` and `sslkey`: `?sslmode=verify-full&sslrootcert=/etc/postgres/ca.pem`; what is renewed in these files counts from the next connection on. Without them nothing is encrypted.",
    ),
  DATABASE_POOL: whole(5, 500)
    .default(20)
    .describe(
      "Connections to PostgreSQL at most, of all processes of `serve` together; six more listen and hold locks. Two pods that overlap in a rolling update need twice as many.",
    ),
  DATABASE_TIMEOUT: whole(2, 3_600)
    .default(10)
    .describe(
      "Seconds until a statement that PostgreSQL does not answer is given up and its connection closed; `migrate` and `replay` have an hour, webhooks four fifths of `WEBHOOK_TIMEOUT` at most.",
    ),
};

export const databaseSettings = (e: Values<typeof databaseVariables>) => ({
  url: e.DATABASE_URL,
  pool: e.DATABASE_POOL,
  limitMs: e.DATABASE_TIMEOUT * 1_000,
});
