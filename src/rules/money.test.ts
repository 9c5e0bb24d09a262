import { expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { exponentOf, toMajor, toMinor } from "./money.ts";

/** The currencies that Vivenu's API lists for a ticket. */
const ofVivenu = (
  "EUR USD GBP AUD CHF THB ILS COP MXN DKK NOK SEK QAR CAD ISK GTQ INR DOP SGD PLN SAR TTD ZAR KYD " +
  "HKD CZK KRW JPY NZD AED MAD TWD BRL BWP NAD KES SCR TRY SZL LSL TZS UGX ZMW ZWG GHS NGN SLE LRD " +
  "XOF XAF GEL IDR ARS CRC HUF EGP MYR VND PHP"
).split(" ");

test("a price becomes the integer of minor units that its digits say", () => {
  expect(toMinor(24.99, "EUR")).toBe(2499);
  expect(toMinor(119.0, "EUR")).toBe(11_900);
  expect(toMinor(1.005, "EUR")).toBe(101);
  expect(toMinor(8.575, "GBP")).toBe(858);
  expect(toMinor(0.1 + 0.2, "USD")).toBe(30);
  expect(toMinor(-1.005, "EUR")).toBe(-101);
  expect(Object.is(toMinor(-0.001, "EUR"), 0)).toBe(true);
  expect(toMinor(1e-7, "EUR")).toBe(0);
  expect(toMinor(12.3456, "KWD")).toBe(12_346);
});

test("currencies without a smaller unit keep their price", () => {
  expect(toMinor(18_000, "JPY")).toBe(18_000);
  expect(toMinor(150_000, "KRW")).toBe(150_000);
  expect(toMinor(15_990.5, "isk")).toBe(15_991);
});

test("every currency of Vivenu's has its ISO exponent", () => {
  const whole = ["ISK", "JPY", "KRW", "UGX", "VND", "XAF", "XOF"];
  const found = ofVivenu.filter((currency) => exponentOf(currency) !== 2);
  expect(found.sort()).toEqual(whole);
  expect(found.map(exponentOf)).toEqual(whole.map(() => 0));
});

test("minor units survive the way to a decimal price and back, in every currency", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ofVivenu, "KWD"),
      fc.integer({ min: -1e11, max: 1e11 }),
      (currency, minor) => toMinor(toMajor(minor, currency), currency) === minor,
    ),
  );
});

test("what is not a number is no price", () => {
  expect(() => toMinor(Number.NaN, "EUR")).toThrow(RangeError);
  expect(() => toMinor(Number.POSITIVE_INFINITY, "EUR")).toThrow(RangeError);
});
