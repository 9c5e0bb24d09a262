interface Page<Row> {
  rows: readonly Row[];
  nextCursor: string | null;
}

/** Every row of a list, page by page. */
export async function walked<Row>(
  read: (cursor: string | undefined) => Promise<Page<Row> | undefined>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await read(cursor);
    if (!page) throw new Error("a page was not answered");
    rows.push(...page.rows);
    cursor = page.nextCursor;
  }
  return rows;
}

/** What a client read, for who compares the clients: typed, so that a field that is gone does not compile. */
export function told({
  events,
  one,
  problem,
}: {
  events: readonly { eventId: string; totalSold: number | null; status: string }[];
  one: { eventName: string; ticketTypes: readonly { ticketName: string }[] } | undefined;
  problem: { status: number; detail: string } | undefined;
}) {
  const sold = events.map(({ eventId, totalSold, status }) => ({ eventId, totalSold, status }));
  const types = one?.ticketTypes.map(({ ticketName }) => ticketName);
  process.stdout.write(
    JSON.stringify({ sold, name: one?.eventName, types, problem: problem?.status }),
  );
}
