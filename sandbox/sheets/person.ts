import { onlyFromHere } from "../faults/admin.ts";
import type { Book } from "./book.ts";
import { formulasOf } from "./formula.ts";
import { errorBody, Refusal } from "./refusal.ts";

/**
 * What people do in a browser: any of Google's requests, without an account and outside every quota.
 * `?id=` names the spreadsheet; without it, the first one.
 */
export function personRoutes(bookOf: (id: string | null) => Book | undefined) {
  const of = (request: Request) => bookOf(new URL(request.url).searchParams.get("id"));
  return {
    "/sandbox/person": onlyFromHere(async (request) => {
      const book = of(request);
      if (!book) return Response.json({ message: "No such spreadsheet" }, { status: 404 });
      if (request.method !== "POST") return Response.json({ message: "POST" }, { status: 405 });
      try {
        const { replies } = await book.write(await request.json(), "owner");
        return Response.json({ replies });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return Response.json(errorBody(error), { status: error.code });
      }
    }),
    "/sandbox/formulas": onlyFromHere(async (request) =>
      Response.json(formulasOf(of(request)?.current() ?? { ...NONE })),
    ),
  };
}

const NONE = { spreadsheetId: "", properties: { title: "", locale: "", timeZone: "" }, sheets: [] };
