import { expect, test } from "bun:test";
import { addToValue, sumOfValues, tellable, type Values } from "./value.ts";

function valuesOf(...tickets: Parameters<typeof addToValue>[1][]) {
  const values: Values = {};
  for (const ticket of tickets) addToValue(values, ticket);
  return values;
}

const euros = { realPrice: 109.9, regularPrice: 119, currency: "EUR", alike: 5 };

test("a value is the sum of both prices in minor units, currency by currency", () => {
  const yen = { realPrice: 15_000, regularPrice: 18_000, currency: "JPY", alike: 6 };
  expect(valuesOf(euros, { ...euros, alike: 1 }, yen)).toEqual({
    EUR: { tickets: 6, paid: 65_940, list: 71_400 },
    JPY: { tickets: 6, paid: 90_000, list: 108_000 },
  });
});

test("a ticket of which a price or the currency is not known is in no value", () => {
  expect(
    valuesOf(
      { ...euros, realPrice: undefined },
      { ...euros, regularPrice: undefined },
      { ...euros, currency: undefined },
    ),
  ).toEqual({});
});

test("a ticket that would cost more than any does is in no value, and stops no other's", () => {
  const mistaken = [
    { ...euros, realPrice: 1e300 },
    { ...euros, regularPrice: 1e12 },
    { ...euros, realPrice: -1e300 },
  ];
  expect(valuesOf(...mistaken, euros)).toEqual(valuesOf(euros));
});

test("each price is rounded by itself, so that sums are the same however tickets are put together", () => {
  const half = { realPrice: 1.005, regularPrice: 1.005, currency: "EUR" };
  expect(valuesOf({ ...half, alike: 3 })).toEqual(valuesOf(half, half, half));
  expect(valuesOf(half, half).EUR?.paid).toBe(202);
});

test("nothing is told of four tickets or fewer, for of one it would be its price", () => {
  const four = { ...euros, currency: "GBP", alike: 4 };
  expect(Object.keys(tellable(valuesOf({ ...euros, currency: "NOK" }, four, euros)))).toEqual([
    ...["EUR", "NOK"],
  ]);
});

test("a sum is not known where one of its parts is not", () => {
  const value = { tickets: 5, paid: 500, list: 600 };
  expect(sumOfValues([value, value])).toEqual({ tickets: 10, paid: 1_000, list: 1_200 });
  expect(sumOfValues([value, null])).toBeNull();
  expect(sumOfValues([])).toEqual({ tickets: 0, paid: 0, list: 0 });
});
