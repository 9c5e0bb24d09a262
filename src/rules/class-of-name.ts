import type { TicketClass } from "./classify.ts";
import { categoryWords, notRaceWords, raceWords, ticketWords } from "./ticket-words.ts";
import { plainWords, termsPattern } from "./words.ts";

type Rule = readonly [TicketClass, RegExp];

const compiled = (words: readonly (readonly [TicketClass, string])[]) =>
  words.map(([ticketClass, terms]): Rule => [ticketClass, termsPattern(terms)]);

const ticketRules = compiled(ticketWords);
const categoryRules = [
  ...ticketRules.filter(([ticketClass]) => ticketClass !== "addon"),
  ...compiled(categoryWords),
];
const racePattern = termsPattern(raceWords);
const notRacePattern = new RegExp(termsPattern(notRaceWords).source, "gu");

/** What a ticket type's name says: the first rule that fits. */
export const classOfName = cached((name) => {
  if (isRaceForCharity(name)) return "charity";
  const found = classOfWords(plainWords(name));
  if (found !== "addon") return found;
  // "HYROX MEN incl. finisher shirt" is a race with a shirt, and "Shirt + patch" is none.
  const before = classOfWords(plainWords(name.replace(COMES_WITH_IT, "")));
  return before === "race" || before === "charity" ? before : found;
});

/** A charity may be called anything: of "HYROX MEN | CHARITY Supporters of Example" nobody is one. */
function isRaceForCharity(name: string) {
  const parts = name.split(PARTS).map(plainWords);
  const others = parts.filter((words) => !charityPattern?.test(words)).map(classOfWords);
  return (
    others.length < parts.length &&
    others.includes("race") &&
    others.every((part) => part === "race" || part === "other")
  );
}

const charityPattern = ticketRules.find(([ticketClass]) => ticketClass === "charity")?.[1];
const PARTS = /[|–—()]| - /u;

/** What a category's name says of the types in it; one that says two things says nothing. */
export const classOfCategory = cached((name) => {
  const words = plainWords(name);
  const found = new Set(
    categoryRules.flatMap(([ticketClass, pattern]) => (pattern.test(words) ? ticketClass : [])),
  );
  if (isRace(words)) found.add("race");
  const [only, ...more] = found;
  return only === undefined || more.length > 0 ? "other" : only;
});

const COMES_WITH_IT =
  /(?:\+|(?<!\p{L})(?:incl|inkl|including|inclusive|inklusive|included|inclus|incluse|compris|compresa|compreso|inclusief|with|mit|avec|con|met|med)(?!\p{L}))[^|]*/giu;

const classOfWords = (words: string): TicketClass =>
  ticketRules.find(([, pattern]) => pattern.test(words))?.[0] ?? (isRace(words) ? "race" : "other");

const isRace = (words: string) => racePattern.test(words.replace(notRacePattern, " "));

const REMEMBERED = 20_000;

/** A season has some thousand names, and each is asked for whenever rows are read. */
function cached(classOf: (name: string) => TicketClass) {
  const known = new Map<string, TicketClass>();
  return (name: string): TicketClass => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= REMEMBERED) known.clear();
    const found = classOf(name);
    known.set(name, found);
    return found;
  };
}
