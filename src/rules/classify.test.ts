import { describe, expect, test } from "bun:test";
import {
  classify,
  classOfName,
  type TicketClass,
  type TicketTypeForClass,
  verdictOf,
} from "./classify.ts";

const type = (changed: Partial<TicketTypeForClass> = {}): TicketTypeForClass => ({
  ticketTypeId: "t1",
  name: "HYROX MEN | Saturday",
  priceMinor: 11_900,
  autoAdded: false,
  ignoreForMaxAmounts: false,
  conditionalAvailability: false,
  hiddenInSelectionArea: false,
  ...changed,
});
const classOf = (changed: Partial<TicketTypeForClass>, overrides?: Record<string, TicketClass>) =>
  classify([type(changed)], overrides).get("t1");

const names: Record<TicketClass, string[]> = {
  race: [
    "HYROX MEN | Saturday",
    "HYROX MEN | Friday, 22 May 2026",
    "HYROX PRO DOUBLES WOMEN | Friday",
    "HYROX ADAPTIVE WOMEN | Friday ",
    "HYROX MENS RELAY | Friday",
    "HYROX MEN RELAY | Sunday",
    "women's relay",
    "ELITE 15 | Sunday",
    "ELITE15",
    "Doubles Mixed",
    "PRO",
    "HYROX OPEN | Samstag",
    "HYROX MÄNNER | Freitag",
    "HYROX Herren-Doppel",
    "Mixed-Staffel",
    "Damenstaffel | Sonntag",
    "Herreneinzel",
    "Frauenlauf | Samstag",
    "HYROX Männer-Startplatz",
    "Vrouwendubbel",
    "Herenestafette",
    "HYROX DOUBLES (2 Athletes)",
    "HYROX DOPPEL | 2 Athleten",
    "HYROX 더블 | 선수 20명",
    "HYROX HOMMES | Samedi",
    "Femmes – dimanche",
    "DOUBLE MIXTE",
    "Relais mixte",
    "HYROX UOMINI",
    "DOPPIO MISTO | Domenica",
    "Staffetta femminile",
    "HYROX MANNEN",
    "Vrouwen dubbels",
    "Estafette gemengd",
    "HYROX MENN",
    "HYROX Kvinner | lørdag",
    "HYROX Herre | søndag",
    "HYROX Miehet",
    "HYROX HERRAR",
    "HYROX Damer dubbel",
    "Mixedstafett",
    "HYROX MÆND",
    "HYROX Kvinder | Søndag",
    "HYROX 남자 싱글",
    "HYROX 여자 더블",
    "HYROX男子",
    "HYROX 女子シングルス",
    "ミックスダブルス",
    "混合接力",
    "ＨＹＲＯＸ ＭＥＮ",
    "Men’s Relay",
    "HYROX U24 | Friday",
    "AGE GROUP 30-34",
    "Startplatz | Samstag",
    "Relay 40+",
    "HYROX MEN incl. Finisher Shirt",
    "HYROX DOUBLES MIXED + Flex | Friday",
    "HYROX WOMEN | inkl. T-Shirt",
    "HYROX HOMMES avec t-shirt",
  ],
  charity: [
    "CHARITY | HYROX MEN | Saturday",
    "HYROX MEN | CHARITY Example Aid",
    "CHARITY | HYROX DOUBLES WOMEN ",
    "charity | hyrox mixed relay",
    "HYROX WOMEN | CHARITY Friends of Example",
    "CHARITY | CORPORATE RELAY",
    "CHARITY | Parkinson Example",
    "HYROX MEN | Benefiz",
    "HYROX MEN | CHARITY Supporters of Example",
    "HYROX WOMEN | CHARITY Spenden für Beispiel",
    "HYROX MIXED RELAY - Charity Fans for Kids",
    "CHARITY Hotel Trust | HYROX PRO MEN | Friday",
    "Dossard solidaire",
    "Spendenstartplatz",
    "CHARITY | HYROX MEN incl. Shirt",
  ],
  spectator: [
    "SPECTATOR | Friday",
    "Spectators 23rd of October 2025",
    "Spectators 5 days Pass",
    "ZUSCHAUER",
    "Zuschauerticket HYROX | Samstag",
    "SPECTATEUR | Vendredi",
    "Spectateurs",
    "SPETTATORI | Sabato",
    "TOESCHOUWER",
    "Espectadores",
    "ÅSKÅDARE",
    "CHARITY SPECTATOR",
    "BESUCHER | HYROX",
    "HYROX 관람권",
    "Tagesbesucher",
    "BEZOEKER | Zaterdag",
    "Tilskuerbillett",
    "Tilskuerbillet | lørdag",
    "Åskådarbiljett lördag",
    "Publikum",
    "Biglietto spettatore MEN",
    "HYROX 観戦チケット",
    "HYROX 观众票",
    "SUPPORTER | HYROX WOMEN",
    "SPECTATOR + Parking",
    "Tribüne | HYROX MEN",
    "TRIBUNE | HYROX HOMMES",
    "Grandstand Women | Sunday",
    "Sitzplatz Herren",
    "CHARITY | SPECTATOR | HYROX MEN",
  ],
  secondary: [
    "HYROX DOUBLES MIXED | ATHLETE 2 | Saturday",
    "HYROX DOUBLES MEN | ATHLETE2",
    "HYROX DOUBLES | Athleten 2 ",
    "DOUBLES MIXTE | ATHLÈTE 2",
    "HYROX MIXED RELAY | TEAM MEMBERS | Sunday",
    "MENS RELAY | team member",
    "CHARITY | HYROX DOUBLES MEN | ATHLETE 2",
    "DOUBLES MEN | 2nd Athlete",
    "HYROX DOPPEL | Teammitglied",
    "RELAIS | membres d’équipe",
    "Staffetta | membro del team",
    "Stafett | lagmedlem",
    "HYROX DOUBLES | 2. Athlet",
    "DOPPEL DAMEN – 2. Athletin",
    "DUBBEL HEREN | 2e atleet",
    "DOPPIO UOMINI | 2° atleta",
    "PARTENAIRE DOUBLES FEMMES",
    "HYROX 더블 남자 | 선수 2",
    "HYROX 더블 2번 선수",
    "HYROX ダブルス男子 選手2",
  ],
  addon: [
    "Sportograf Photo Package",
    "FOTO-PAKET",
    "HYROX T-Shirt",
    "Finisher Shirt Men",
    "Merchandise",
    "PARKING | Saturday",
    "Flex Add-On",
    "FLEX",
    "CHARITY DONATION",
    "HYROX Finisher Patch",
    "CHARITY | HYROX MEN | T-Shirt",
    "Finisherpatch",
    "Finisher-Medaille",
    "Medaglia Finisher",
    "Shirt + Patch MEN",
    "PRO Shop Gutschein",
    "Ladies Lunch",
    "Herrengarderobe",
    "Damenumkleide",
    "Women’s Training Session",
    "Parkering lørdag",
    "HYROX 티셔츠",
  ],
  volunteer: [
    "VOLUNTEER | Saturday",
    "Bénévoles",
    "HYROX Helfer",
    "Frivillig",
    "Volontär",
    "HYROX Freiwillige",
  ],
  comp: ["COMP | HYROX MEN", "TRANSFER HYROX WOMEN", "Friends & Family", "HYROX FRIEND"],
  youngstar: ["YOUNGSTARS | 8-9 years", "HYROX Young Stars Boys"],
  corporate: ["CORPORATE RELAY | Friday", "HYROX CORPORATE MIXED RELAY", "Firmenstaffel"],
  coach: ["COACH | HYROX MEN", "Guest", "Gäste", "Invité", "ADAPTIVE MEN | GUIDE RUNNER"],
  other: [
    "",
    "Aftershow",
    "Frauenrunde | Sekt",
    "Herrenausstatter",
    "Mannenkoor",
    "Programme",
    "Moment",
    "Companion",
    "HYROX",
    "HYROX | Friday",
    "HYROX VIP",
    "HYROX Single Day | Saturday",
    "Tagesmenü pro Person",
    "Open Air",
    "Menü",
    "Mensa",
    "プログラム",
    "HYROX Зритель",
  ],
};

for (const [expected, examples] of Object.entries(names))
  for (const name of examples)
    test(`"${name}" is named like ${expected}`, () => {
      expect(classOfName(name)).toBe(expected as TicketClass);
    });

test("what the operator says beats structure and name", () => {
  expect(classOf({ autoAdded: true }, { t1: "race" })).toBe("race");
  expect(classOf({}, { t2: "spectator", t1: "corporate" })).toBe("corporate");
  expect(classify([type({ ticketTypeId: "constructor" })], {}).get("constructor")).toBe("race");
});

test("a type that a cart automation rule adds is a partner's place, whatever its name and price", () => {
  expect(classOf({ autoAdded: true, name: "HYROX DOUBLES MIXED" })).toBe("secondary");
});

test("a type outside the maximum amounts that nobody can pick or pays for is a partner's place", () => {
  const outside = { ignoreForMaxAmounts: true };
  expect(classOf({ ...outside, priceMinor: 0 })).toBe("secondary");
  expect(classOf({ ...outside, conditionalAvailability: true })).toBe("secondary");
  expect(classOf({ ...outside, hiddenInSelectionArea: true })).toBe("secondary");
  expect(classOf(outside)).toBe("race");
  expect(classOf({ priceMinor: 0, hiddenInSelectionArea: true })).toBe("race");
});

test("a price that is not known yet makes no partner's place of a paid type", () => {
  const photo = { name: "Sportograf Photo Package", ignoreForMaxAmounts: true, priceMinor: null };
  expect(classOf(photo)).toBe("addon");
  expect(classOf({ ignoreForMaxAmounts: true, priceMinor: null })).toBe("race");
});

test("types of the same name are classed each by its own id", () => {
  const classes = classify([
    type({ ticketTypeId: "a", name: "HYROX DOUBLES" }),
    type({ ticketTypeId: "b", name: "HYROX DOUBLES", autoAdded: true }),
  ]);
  expect([...classes]).toEqual([
    ["a", "race"],
    ["b", "secondary"],
  ]);
});

describe("a category says what a name leaves open", () => {
  const categories = [
    ...["Race", "Spectators", "Extras", "Charity", "Races & Spectators", "Friday"],
    ...["Flex", "Friends & Family"],
  ].map((name) => ({ ref: name, name }));
  const verdict = (categoryRef: string, changed: Partial<TicketTypeForClass>) =>
    verdictOf(type({ categoryRef, ...changed }), { categories });

  test.each([
    ["Race", "race"],
    ["Spectators", "spectator"],
    ["Extras", "addon"],
    ["Charity", "charity"],
  ] as const)("%s", (category, expected) => {
    const plain = { name: "HYROX | Friday" };
    expect(verdict(category, plain)).toEqual({ class: expected, unclear: null });
    // What a name says exactly is not unsaid by its neighbours.
    expect(verdict(category, { name: "VOLUNTEER" })).toEqual({ class: "volunteer", unclear: null });
  });

  test("but makes no entry of what nobody pays for or can pick", () => {
    for (const odd of [
      { priceMinor: 0 },
      { ignoreForMaxAmounts: true },
      { hiddenInSelectionArea: true },
      { conditionalAvailability: true },
    ]) {
      const { class: found, unclear: doubt } = verdict("Race", { name: "HYROX | Friday", ...odd });
      expect([found, doubt]).toEqual(["other", expect.stringContaining('"Race"')]);
      expect(verdict("Race", odd).class).toBe("race");
    }
  });

  test("and nothing where it says two things, or none", () => {
    for (const category of ["Races & Spectators", "Friday", "gone"])
      expect(verdict(category, { name: "HYROX | Friday" })).toEqual({
        class: "other",
        unclear: "neither its name nor its category says",
      });
  });

  test("and where it contradicts a name that says race, it holds and somebody is asked", () => {
    expect(verdict("Extras", { name: "HYROX PRO MEN" })).toEqual({
      class: "addon",
      unclear: 'its name says race, and it is in the category "Extras"',
    });
    expect(verdict("Friends & Family", { name: "HYROX PRO MEN" })).toEqual({
      class: "comp",
      unclear: expect.stringContaining("Friends & Family"),
    });
    expect(verdict("Flex", { name: "HYROX PRO MEN" })).toEqual({ class: "race", unclear: null });
    expect(verdict("Charity", { name: "HYROX PRO MEN" })).toEqual({
      class: "charity",
      unclear: null,
    });
  });

  test("and the operator's word ends every doubt", () => {
    const overrides = { t1: "other" } as const;
    expect(verdictOf(type({ name: "HYROX" }), { overrides, categories })).toEqual({
      class: "other",
      unclear: null,
    });
  });
});

test("what comes with a race makes it no extra, and leaves all else that its name says", () => {
  expect(classOfName("HYROX MEN incl. finisher shirt")).toBe("race");
  expect(classOfName("HYROX RELAY with corporate team")).toBe("corporate");
});
