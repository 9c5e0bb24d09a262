import { promisify } from "node:util";
import { unzip } from "node:zlib";
import { Problem } from "./problem.ts";

const unzipped = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The JSON of a request, plain or packed by gzip or deflate. Probes: flowcore/not-json, flowcore/packed. */
export async function readJson(request: Request): Promise<unknown> {
  const text = (await unpack(request)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, "Invalid JSON in request body");
  }
}

async function unpack(request: Request): Promise<Buffer> {
  const bytes = Buffer.from(await request.arrayBuffer());
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding === "identity") return bytes;
  if (encoding !== "gzip" && encoding !== "deflate") {
    throw new Problem(400, `Unsupported content encoding ${encoding}`);
  }
  return unzipped(bytes, { maxOutputLength: MAX_BODY_BYTES }).catch(() => {
    throw new Problem(400, `Request body is not ${encoding}`);
  });
}
