import { expect, test } from "bun:test";
import { dirname, join } from "node:path";

const src = join(import.meta.dir, "../src");
const transpiler = new Bun.Transpiler({ loader: "ts" });

/** What each process of `serve` begins with: the program, and the file that its role imports then. */
const entries = {
  http: ["main.ts", "service/serve.ts"],
  reads: ["main.ts", "service/part.ts", "service/reads/reads-server.ts"],
  worker: ["main.ts", "service/part.ts", "service/loops/start.ts"],
};
/** They take memory in every process that loads them: Flowcore's and Google's alone 30 MB. */
const program = ["commander", "croner", "moment-timezone", "pino", "postgres", "yaml", "zod"];
// Answers that are given again are kept by `lru-cache`.
const api = ["@hono/zod-openapi", "hono", "lru-cache", "prom-client", "swagger-ui-dist"];
const expected: Record<keyof typeof entries, string[]> = {
  http: [...program, ...api],
  reads: [...program, ...api, "papaparse"],
  worker: [
    ...[...program, "prom-client", "@flowcore/sdk", "@googleapis/sheets", "google-auth-library"],
    // The Overview tab says how fast events sell.
    "lru-cache",
  ],
};

// The cast: TypeScript gives the keys of any object as strings.
test.each(Object.keys(entries) as (keyof typeof entries)[])(
  "the process of `serve` for %s loads the packages that it needs, and no others",
  async (name) => {
    const found = new Set<string>();
    const files = new Set(entries[name].map((file) => join(src, file)));
    for (const file of files) {
      if (!file.endsWith(".ts")) continue;
      for (const { kind, path } of transpiler.scanImports(await Bun.file(file).text()))
        if (kind === "import-statement" && path.startsWith("."))
          files.add(join(dirname(file), path));
        else if (kind === "import-statement" && !/^(node|bun):?/.test(path))
          found.add(/^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
    }
    expect([...found].sort()).toEqual(expected[name].sort());
  },
);
