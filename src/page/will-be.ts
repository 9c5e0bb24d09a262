import type { EventRow } from "../projections/queries/row-types.ts";

/** Whether its launch and its race will be: what holds others has those of its children. */
export const willBe = ({ status }: Pick<EventRow, "status">) =>
  status !== "CANCELLED" && status !== "GROUP";
