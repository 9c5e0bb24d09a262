import { codeOf } from "../../database/fault.ts";
import { Failure } from "../../lib/failure.ts";

interface Place {
  host: string;
  port: number;
  /** Which variable says the port, and what is served there. */
  variable: "PORT" | "METRICS_PORT";
  what: string;
}

/**
 * A server that `start` opens. Throws a failure that names the variable that is to be changed: `unavailable` where
 * somebody has the port, `refused` where nobody could listen there.
 */
export function listening<Server>(place: Place, start: () => Server): Server {
  try {
    return start();
  } catch (error) {
    throw faultOf(place, error);
  }
}

function faultOf({ host, port, variable, what }: Place, error: unknown): Failure {
  const code = codeOf(error) ?? "no code";
  const cannot = `${what} cannot be served`;
  if (code === "EADDRINUSE")
    return new Failure(
      "unavailable",
      `${cannot}: port ${port} is taken; end who has it, or set ${variable} to a free one`,
      {},
      error,
    );
  if (code === "EACCES")
    return new Failure(
      "refused",
      `${cannot}: this user may not listen on port ${port}; set ${variable} to one above 1023`,
      {},
      error,
    );
  return new Failure(
    "refused",
    `${cannot} at HOST ${host}, port ${port} (${code}): HOST has to be an address of this machine, or unset`,
    {},
    error,
  );
}
