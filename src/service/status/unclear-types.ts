import type { Sentence } from "../../lib/sentence.ts";
import type { UnclearType } from "../../projections/queries/unclear-types.ts";

/** The answer lists them all; a sentence names some. */
const NAMED = 3;

/** One note for all of an account, with what to do: it may sell brunches for months. */
export const unclearTypeNotes = (types: readonly UnclearType[]): Sentence[] =>
  [...Map.groupBy(types, ({ region }) => region)].flatMap(([account, its]) =>
    noteOf(its).map((note) => ({ account, text: `${account}: ${note}` })),
  );

function noteOf(types: readonly UnclearType[]): string[] {
  const [first] = types;
  if (!first) return [];
  const named = types
    .slice(0, NAMED)
    .map(
      ({ ticketTypeId, ticketName, eventName, reason }) =>
        `"${ticketName}" of ${eventName} (${ticketTypeId}: ${reason})`,
    );
  const more = types.length > NAMED ? ` and ${types.length - NAMED} more, in \`typesInDoubt\`` : "";
  const [subject, them] =
    types.length === 1
      ? ["1 ticket type is", "it is"]
      : [`${types.length} ticket types are`, "each is"];
  return [
    `${subject} in doubt and in no total: ${named.join(", ")}${more}. Say what ${them} with TICKET_TYPE_CLASSES, as ${first.ticketTypeId}=race or ${first.ticketTypeId}=other.`,
  ];
}
