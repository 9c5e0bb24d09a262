import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { Failure } from "../../lib/failure.ts";
import { type ApiEnv, problems } from "../request/problem.ts";
import { queryOf } from "../request/query.ts";

export interface Downloads {
  /** `vivenu.xlsx`, `events.csv`, ... */
  names: readonly string[];
  /** Undefined where the tab is not among those that are shown. With `sees`, of those rows alone. */
  read(
    name: string,
    sees?: (row: { region: string; eventId: string }) => boolean,
  ): Promise<{ contentType: string; body: Uint8Array } | undefined>;
}

const FILE = z.string().openapi({ format: "binary" });

const route = (names: readonly string[]) =>
  createRoute({
    method: "get",
    path: "/api/downloads/{name}",
    operationId: "download",
    tags: ["Downloads"],
    summary: "The sheet's tabs as a file: all in one workbook, or each as CSV",
    description:
      "As they are in the sheet at this moment, with the formats of a spreadsheet. Lists have a form for machines: `format=csv`.",
    request: {
      params: z.object({
        name: z.string().openapi({
          description: "All tabs as one workbook, or one of them as CSV.",
          enum: [...names],
          example: names[0] ?? "events.csv",
        }),
      }),
      query: queryOf({}),
    },
    responses: {
      200: {
        description: "The file.",
        content: {
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": { schema: FILE },
          "text/csv": { schema: FILE },
        },
      },
      ...problems,
    },
  });

export function addDownloads(app: OpenAPIHono<ApiEnv>, { names, read }: Downloads) {
  app.openapi(route(names), async (c) => {
    const { name } = c.req.valid("param");
    const file = names.includes(name) ? await read(name) : undefined;
    if (!file) {
      const others = names.filter((other) => other !== name);
      const forWhom = others.length < names.length ? " for this key" : "";
      throw new Failure(
        "missing",
        `There is no such file${forWhom}. There are ${others.join(", ")}.`,
      );
    }
    return c.body(new Uint8Array(file.body), 200, {
      "content-type": file.contentType,
      "content-disposition": `attachment; filename="${name}"`,
    });
  });
}
