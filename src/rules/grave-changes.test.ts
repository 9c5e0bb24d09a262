import { describe, expect, test } from "bun:test";
import { eventUpdated, ticketType, underShop } from "../../test/support/facts.ts";
import type { EventUpdated, TicketType } from "../contracts/index.ts";
import { dayAt } from "../lib/zones.ts";
import { changesBetween } from "./description-changes.ts";
import type { ClassPolicy } from "./type-changes.ts";

const racesCount: ClassPolicy = { countedClasses: ["race", "charity"] };

const men = ticketType({ name: "HYROX MEN | Friday" });
const event = (said: Partial<EventUpdated> = {}) =>
  eventUpdated({ name: "HYROX Testville", ticketTypes: [men], ...said }).payload;

/** As "field: before -> after, severity". */
const told = (older: Partial<EventUpdated>, newer: Partial<EventUpdated>, policy = racesCount) =>
  changesBetween(event(older), event(newer), policy, dayAt).map(
    ({ field, previousValue, newValue, severity }) =>
      `${field}: ${previousValue} -> ${newValue}, ${severity}`,
  );
const renamed = (name: string) => told({}, { name });
const retyped = (changed: Partial<TicketType>, said: Partial<EventUpdated> = {}) =>
  told(said, { ...said, ticketTypes: [{ ...men, ...changed }] });

describe("a name that says that it does not take place, or not then, is critical", () => {
  // By language, as organisers and dictionaries have them.
  const words = {
    en: ["CANCELLED", "Canceled", "POSTPONED", "rescheduled", "called off"],
    de: ["ABGESAGT", "verschoben", "entfällt", "fällt aus", "verlegt"],
    fr: ["ANNULÉ", "annulée", "Annule", "REPORTÉ", "reportée", "annulation"],
    it: ["ANNULLATO", "rinviato", "rinviata", "CANCELLATO", "posticipato", "spostata"],
    nl: ["GEANNULEERD", "afgelast", "uitgesteld", "verplaatst", "gaat niet door"],
    no: ["AVLYST", "kansellert", "utsatt", "flyttet"],
    sv: ["INSTÄLLT", "inställd", "uppskjutet", "framflyttad", "flyttad"],
    da: ["AFLYST", "udskudt", "udsat", "annulleret"],
    other: ["CANCELADO", "aplazado", "취소", "延期", "中止", "取消"],
  };
  for (const [language, list] of Object.entries(words))
    test.each(list)(`${language}: %s`, (word) => {
      const name = `HYROX Testville | ${word}!`;
      expect(renamed(name)).toEqual([`name: HYROX Testville -> ${name}, critical`]);
      const typed = `${word} - HYROX MEN | Friday`;
      expect(retyped({ name: typed })).toEqual([`name: HYROX MEN | Friday -> ${typed}, critical`]);
    });

  test("the second time as well, where it says something else", () => {
    const postponed = { name: "HYROX Testville (verschoben)" };
    expect(told(postponed, { name: "HYROX Testville (abgesagt)" })[0]).toEndWith("critical");
    expect(told(postponed, { name: "HYROX Testville 2027 (verschoben)" })[0]).toEndWith("medium");
  });

  test("of a shop, and of a ticket type that comes with it", () => {
    const shop = underShop({ name: "HTC presale" });
    const off = { ...shop, name: "HTC presale - CANCELLED" };
    expect(told({ underShops: [shop] }, { underShops: [off] })).toEqual([
      "name: HTC presale -> HTC presale - CANCELLED, critical",
    ]);
    const added = ticketType({ ticketTypeId: "new", name: "HYROX WOMEN - ANNULÉ" });
    expect(told({}, { ticketTypes: [men, added] })).toEqual([
      "added: null -> HYROX WOMEN - ANNULÉ, critical",
    ]);
  });

  test("and an extra that is called so is none, from the first or later", () => {
    const extra = ticketType({ ticketTypeId: "x", name: "Flex add-on: cancel until Friday" });
    expect(told({}, { ticketTypes: [men, extra] })).toEqual([
      "added: null -> Flex add-on: cancel until Friday, medium",
    ]);
    const before = { ...extra, name: "Flex add-on" };
    expect(told({ ticketTypes: [men, before] }, { ticketTypes: [men, extra] })).toEqual([
      "name: Flex add-on -> Flex add-on: cancel until Friday, medium",
    ]);
  });

  test("and one that says so no longer is high", () => {
    expect(told({ name: "HYROX Testville POSTPONED" }, {})).toEqual([
      "name: HYROX Testville POSTPONED -> HYROX Testville, high",
    ]);
  });

  test.each([
    "HYROX Testville incl. cancellation insurance",
    "HYROX Testville | free cancellation",
    "HYROX Testville - assurance annulation",
    "HYROX Testville annulable",
    "HYROX Testville Annual Pass",
    "HYROX Testville | Report",
    "HYROX Testville Installation",
  ])("%s is none", (name) => {
    expect(renamed(name)).toEqual([`name: HYROX Testville -> ${name}, medium`]);
  });
});

describe("a ticket type that leaves the totals or enters them is critical", () => {
  test("by its name", () => {
    expect(retyped({ name: "HYROX MEN Spectator" })).toEqual([
      "name: HYROX MEN | Friday -> HYROX MEN Spectator, critical",
      "class: race -> spectator, critical",
    ]);
    expect(told({ ticketTypes: [{ ...men, name: "HYROX | Friday" }] }, {})).toEqual([
      "name: HYROX | Friday -> HYROX MEN | Friday, critical",
      "class: other -> race, critical",
    ]);
  });

  test("by its structure, or what its category is called", () => {
    expect(retyped({ autoAdded: true })).toEqual(["class: race -> secondary, critical"]);
    const plain = { ...men, name: "HYROX | Friday", categoryRef: "c" };
    const called = (name: string) => ({
      ticketTypes: [plain],
      categories: [{ ref: "c", name, amount: null }],
    });
    expect(told(called("Race"), called("Extras"))).toEqual(["class: race -> addon, critical"]);
  });

  test("and so is one that moves within them", () => {
    expect(retyped({ name: "CHARITY | HYROX MEN" })).toEqual([
      "name: HYROX MEN | Friday -> CHARITY | HYROX MEN, critical",
      "class: race -> charity, critical",
    ]);
  });

  test("and not where the operator says what it is, or where neither is in the totals", () => {
    const policy = { ...racesCount, overrides: { men: "race" as const } };
    const name = "HYROX Friday";
    expect(told({}, { ticketTypes: [{ ...men, name }] }, policy)).toEqual([
      "name: HYROX MEN | Friday -> HYROX Friday, medium",
    ]);
    const seats = { ...men, name: "Spectator" };
    expect(told({ ticketTypes: [seats] }, { ticketTypes: [{ ...seats, name: "Photo" }] })).toEqual([
      "name: Spectator -> Photo, medium",
      "class: spectator -> addon, medium",
    ]);
  });
});

describe("a ticket type that moves between categories", () => {
  const race = { ref: "r1", name: "Race", amount: 100 };
  const waves = { ref: "w1", name: "Waves", amount: 50 };
  const inRace = { ticketTypes: [{ ...men, categoryRef: "r1" }], categories: [race, waves] };

  test("is critical, with the categories' names before and after", () => {
    const moved = { ...inRace, ticketTypes: [{ ...men, categoryRef: "w1" }] };
    expect(told(inRace, moved)).toEqual(["category: Race -> Waves, critical"]);
  });

  test("has not moved where its category was made anew", () => {
    const anew = {
      ticketTypes: [{ ...men, categoryRef: "r2" }],
      categories: [{ ...race, ref: "r2" }, waves],
    };
    expect(told(inRace, anew)).toEqual([]);
    const twin = { ...anew, categories: [race, ...anew.categories] };
    expect(told(inRace, twin)).toEqual(["category: Race -> Race, critical"]);
  });

  test("is told as any change where it had none before", () => {
    expect(told({ categories: [race] }, { ...inRace, categories: [race] })).toEqual([
      "category: null -> Race, medium",
    ]);
  });
});

test("a name that is only written otherwise is no change of a ticket type", () => {
  expect(retyped({ name: " hyrox men |  Friday " })).toEqual([]);
});
