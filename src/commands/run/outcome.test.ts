import { expect, test } from "bun:test";
import { faultOf } from "./outcome.ts";

test.each(["26000", "42P05"])(
  "a statement that another session prepared is a pooler's fault, which no second try mends: %s",
  (code) => {
    const error = Object.assign(new Error('prepared statement "abc1" does not exist'), { code });
    expect(faultOf(error)).toMatchObject({ code: 78, kind: "refused" });
    expect(faultOf(error).message).toContain("a pooler's that is in session mode");
  },
);
