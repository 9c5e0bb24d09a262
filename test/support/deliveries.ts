import fixture from "../fixtures/vivenu/event.updated.json";

/** The fixture's event as Vivenu would send it, changed as the test says. */
export const eventJson = (changes: Record<string, unknown> = {}) => ({
  ...structuredClone(fixture.data.event),
  ...changes,
});

export const SELLER_ID = fixture.sellerId;

let transmissions = 0;

/** A webhook's body; each is a transmission of its own. */
export const deliveryOf = (type: string, data: unknown, changes: Record<string, unknown> = {}) => {
  transmissions += 1;
  const envelope = { id: `transmission-${transmissions}`, sellerId: SELLER_ID, type, mode: "prod" };
  return JSON.stringify({ ...envelope, data, ...changes });
};
