import { expect, test } from "bun:test";
import { classify, classOfName, type TicketClass, type TicketTypeForClass } from "./classify.ts";

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
  ],
  charity: [
    "CHARITY | HYROX MEN | Saturday",
    "HYROX MEN | CHARITY Example Aid",
    "CHARITY | HYROX DOUBLES WOMEN ",
    "charity | hyrox mixed relay",
    "HYROX WOMEN | CHARITY Friends of Example",
    "CHARITY | CORPORATE RELAY",
    "CHARITY | Parkinson Example",
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
  ],
  secondary: [
    "HYROX DOUBLES MIXED | ATHLETE 2 | Saturday",
    "HYROX DOUBLES MEN | ATHLETE2",
    "HYROX DOUBLES | Athleten 2 ",
    "DOUBLES MIXTE | ATHLÈTE 2",
    "HYROX MIXED RELAY | TEAM MEMBERS | Sunday",
    "MENS RELAY | team member",
    "CHARITY | HYROX DOUBLES MEN | ATHLETE 2",
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
  ],
  volunteer: ["VOLUNTEER | Saturday", "Bénévoles", "HYROX Helfer"],
  comp: ["COMP | HYROX MEN", "TRANSFER HYROX WOMEN", "Friends & Family", "HYROX FRIEND"],
  youngstar: ["YOUNGSTARS | 8-9 years", "HYROX Young Stars Boys"],
  corporate: ["CORPORATE RELAY | Friday", "HYROX CORPORATE MIXED RELAY"],
  coach: ["COACH | HYROX MEN", "Guest"],
  other: ["", "Aftershow", "Programme", "Moment", "Companion"],
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
