import { type TicketClass, ticketClasses } from "./classify.ts";

export type ClassOverrides = Readonly<Record<string, TicketClass>>;

/**
 * What an operator says ticket types are, as `id=race,id=secondary`. Throws one error that names every
 * part that says nothing.
 */
export function parseOverrides(text: string): ClassOverrides {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const read = parts.map((part) => {
    const [id = "", name = "", ...rest] = part.split("=").map((side) => side.trim());
    const named = ticketClasses.find((ticketClass) => ticketClass === name.toLowerCase());
    return { part, id, named: id !== "" && rest.length === 0 ? named : undefined };
  });
  const wrong = read.filter(({ named }) => named === undefined).map(({ part }) => `"${part}"`);
  if (wrong.length > 0)
    throw new Error(
      `${wrong.join(", ")} must be <ticket type id>=<class>, a class being one of ${ticketClasses.join(", ")}`,
    );
  // A type that is named twice is what it is called last.
  return Object.fromEntries(read.flatMap(({ id, named }) => (named ? [[id, named]] : [])));
}
