import { z } from "@hono/zod-openapi";
import type { Context, TypedResponse } from "hono";
import { parseAccept } from "hono/utils/accept";
import type { Logger } from "../../lib/logger.ts";
import { wishFor } from "../answer/acceptable.ts";
import { CSV, XLSX } from "../answer/table-forms.ts";
import { fieldsOfRow } from "../request/list-query.ts";
import { type ApiEnv, unreadable } from "../request/problem.ts";
import { choiceOf } from "../request/query.ts";
import { columnsOf } from "./table-cells.ts";
import { type CsvForm, csvOf } from "./table-csv.ts";
import { workbookOf } from "./table-workbook.ts";

const delimiters = ["comma", "semicolon", "tab", ",", ";"] as const;

/** Parameters of lists that are answered as tables as well. */
export const tableForms = {
  format: z
    .enum(["json", "csv", "xlsx"], { error: "must be one of json, csv, xlsx" })
    .optional()
    .openapi({
      description:
        "The form of the answer; without it `Accept` says it. As CSV or as a workbook it has every row that fits, whatever `limit` is, from `cursor` on.",
      example: "csv",
    }),
  delimiter: z
    .enum(delimiters, { error: `must be one of ${delimiters.join(" ")}` })
    .transform((name) => (name === "," ? "comma" : name === ";" ? "semicolon" : name))
    .default("comma")
    .openapi({
      type: "string",
      enum: [...delimiters],
      default: "comma",
      example: "comma",
      description: "CSV: what stands between two values, by its name or as itself.",
    }),
  decimal: choiceOf(["point", "comma"], "point", "CSV: what stands before a number's decimals."),
};

interface AskedForm extends CsvForm {
  format?: "json" | "csv" | "xlsx" | undefined;
  fields?: readonly string[] | undefined;
  updatedSince?: object | undefined;
}

/** Two kinds of comma in one file cannot be told apart. */
export function refuseTwoCommas({ delimiter, decimal }: CsvForm, context: z.RefinementCtx) {
  if (delimiter === "comma" && decimal === "comma")
    context.addIssue({
      code: "custom",
      path: ["decimal"],
      message: "must be point where the delimiter is a comma; send delimiter=semicolon with it",
    });
}

export interface Table<Row, Place> {
  logger: Logger;
  /** What the file is called, without its ending. */
  name: string;
  /** A row with a value in every column, which says what columns there are. */
  example: Row;
  /** The page behind this place; undefined is where the request begins. */
  read: (after?: Place) => Promise<{ rows: readonly Row[]; next: Place | null }>;
}

/** In place of any JSON: routes are not declared to answer with files. */
type FileAnswer = Response & TypedResponse<never, 200, "json">;

/**
 * The answer as a file, where one is asked for: the same rows as JSON has, page after page, in a form for
 * machines (numbers and instants as JSON has them, what is not known empty). Undefined where JSON is asked
 * for.
 */
export async function tableAnswer<Row extends object, Place>(
  c: Context<ApiEnv>,
  asked: AskedForm,
  { logger, ...table }: Table<Row, Place>,
): Promise<FileAnswer | undefined> {
  const form = asked.format ?? acceptedForm(c);
  if (form === "json") return undefined;
  if (asked.updatedSince !== undefined) {
    // What went is in no row.
    const reason = "is answered as JSON alone, which says what went as well";
    throw unreadable("updatedSince", reason);
  }
  // What cannot be read at all is told before anything is answered.
  const pages = pagesOf(table.read, await table.read());
  const headers = {
    "content-type": form === "csv" ? `${CSV}; charset=utf-8; header=present` : XLSX,
    "content-disposition": `attachment; filename="${table.name}.${form}"`,
  };
  const example = fieldsOfRow(table.example, asked.fields);
  if (form === "xlsx")
    return file(c.body(await workbookOf(pages, { ...table, example }), 200, headers));
  const onFault = (error: unknown) =>
    logger.error({ error, requestId: c.get("requestId"), file: table.name }, "file.broken_off");
  return file(c.body(streamOf(csvOf(pages, columnsOf(example), asked), onFault), 200, headers));
}

// The cast: it is no JSON, whose type a route would be told.
const file = (answer: Response) => answer as FileAnswer;

/** Whether the answer may be a file that is made whole in memory: a workbook, or a tab of the sheet. */
export const isWholeFile = (c: Context<ApiEnv>) =>
  c.req.path.startsWith("/api/downloads/") || (c.req.query("format") ?? acceptedForm(c)) === "xlsx";

/** Whether the answer may be a file, made whole or streamed. */
export const isFile = (c: Context<ApiEnv>) =>
  c.req.path.startsWith("/api/downloads/") || (c.req.query("format") ?? acceptedForm(c)) !== "json";

/** The form that `Accept` would rather have, and JSON where it is all the same. */
function acceptedForm(c: Context<ApiEnv>): "json" | "csv" | "xlsx" {
  const ranges = parseAccept(c.req.header("accept") ?? "*/*");
  const wishes = [
    ["json", wishFor(ranges, "application/json")],
    ["csv", wishFor(ranges, CSV)],
    ["xlsx", wishFor(ranges, XLSX)],
  ] as const;
  const most = Math.max(...wishes.map(([, wish]) => wish));
  return wishes.find(([, wish]) => wish === most)?.[0] ?? "json";
}

type PageOf<Row, Place> = Awaited<ReturnType<Table<Row, Place>["read"]>>;

async function* pagesOf<Row, Place>(
  read: Table<Row, Place>["read"],
  first: PageOf<Row, Place>,
): AsyncGenerator<readonly Row[]> {
  let page = first;
  yield page.rows;
  while (page.next !== null) {
    page = await read(page.next);
    yield page.rows;
  }
}

/** Who reads a file that breaks off is told so by the broken connection, and the log why. */
function streamOf(
  parts: AsyncGenerator<Uint8Array>,
  onFault: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        onFault(error);
        controller.error(new Error("the file was broken off"));
      }
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}
