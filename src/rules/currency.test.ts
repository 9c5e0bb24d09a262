import { expect, test } from "bun:test";
import { currencyOf } from "./currency.ts";

const auckland = { ofTickets: ["NZD"], ofAccount: ["AUD", "NZD"], seller: "AUD" };

test("an event sells in what its tickets name, whatever its account's owner has", () => {
  expect(currencyOf(auckland)).toEqual({ currency: "NZD" });
  expect(currencyOf({ ...auckland, seller: null })).toEqual({ currency: "NZD" });
});

test("while its tickets disagree nobody knows", () => {
  expect(currencyOf({ ...auckland, ofTickets: ["AUD", "NZD"] })).toEqual({
    ...{ currency: null, reason: "disputed" },
  });
});

test("without tickets it is the owner's, where no ticket of the account says otherwise", () => {
  const unsold = { ofTickets: [], ofAccount: ["AUD"], seller: "AUD" };
  expect(currencyOf(unsold)).toEqual({ currency: "AUD" });
  expect(currencyOf({ ...unsold, ofAccount: [] })).toEqual({ currency: "AUD" });
  expect(currencyOf({ ...unsold, ofAccount: ["AUD", "NZD"] })).toEqual({
    ...{ currency: null, reason: "unsold" },
  });
  expect(currencyOf({ ...unsold, seller: null })).toEqual({ currency: null, reason: "unlearned" });
});
