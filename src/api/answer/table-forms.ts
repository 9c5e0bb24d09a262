export const CSV = "text/csv";
export const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/**
 * The lists that are answered in these forms as well. The document says so by `format` alone: of an answer
 * that is declared in several forms, generated clients do not know which one they have.
 */
export const tablePaths: ReadonlySet<string> = new Set([
  "/api/events",
  "/api/ticket-types",
  "/api/sales",
  "/api/events/:eventId/sales",
  "/api/events/:eventId/levels",
  "/api/launches",
  "/api/changes",
]);

/** What such a list can be answered as, beside JSON. */
export const tableTypes = [CSV, XLSX];
