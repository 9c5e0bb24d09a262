/** Whether its launch and its race will be: what holds others has those of its children. */
export const willBe = ({ status }: { status: string }) =>
  status !== "CANCELLED" && status !== "GROUP";

/**
 * Of an event that is gone, whether its race had taken place by then: who tidies up an account after a season
 * calls nothing off, and what was sold was sold.
 */
export const wasOver = (gone: { eventEndDate: string; lastUpdated: string }) =>
  Date.parse(gone.eventEndDate) <= Date.parse(gone.lastUpdated);

/** Gone before its race was over: nothing more of it is sold, and it says nothing of how others sell. */
export const isCalledOff = (event: {
  status: string | undefined;
  eventEndDate: string;
  lastUpdated: string;
}) => event.status === "CANCELLED" && !wasOver(event);
