import { isLoopback } from "../loopback.ts";
import { type FaultSwitch, FaultsRefused } from "./board.ts";

interface Server {
  requestIP(request: Request): { address: string } | null;
}

type Handler = (request: Request, server: Server) => Promise<Response>;

/** `GET`, `PUT` and `DELETE /sandbox/faults`, as routes for `Bun.serve`; only from this machine. */
export function faultRoutes<Given>(faults: FaultSwitch<Given>) {
  return {
    "/sandbox/faults": onlyFromHere(async (request) => {
      if (request.method === "PUT") {
        // The cast: `set` refuses whatever is no such settings.
        faults.set((await readJson(request)) as Given);
      } else if (request.method === "DELETE") faults.clear();
      else if (request.method !== "GET") return refused(405, "GET, PUT or DELETE");
      return Response.json(faults.read());
    }),
  };
}

export const onlyFromHere =
  (answer: Handler): Handler =>
  async (request, server) => {
    if (!isLoopback(server.requestIP(request)?.address)) {
      return refused(403, "Only from this machine");
    }
    return answer(request, server).catch((error) => {
      if (error instanceof FaultsRefused) return refused(400, error.message);
      throw error;
    });
  };

const readJson = (request: Request): Promise<unknown> =>
  request.json().catch(() => {
    throw new FaultsRefused("The body is not JSON");
  });

const refused = (status: number, message: string) => Response.json({ status, message }, { status });
