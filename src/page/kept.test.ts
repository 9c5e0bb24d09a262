import { expect, test } from "bun:test";
import { html } from "hono/html";
import { jsx } from "hono/jsx";
import { kept, keptBy } from "./kept.ts";

test("a kept component is made once for what it is made of, and its words are escaped once", () => {
  const made: string[] = [];
  const Line = kept(({ name, days }: { name: string; days: number | null }) => {
    made.push(name);
    return html`<li title="${name}">${name} ${days}</li>`;
  });
  const page = () =>
    String(
      jsx(
        "ul",
        {},
        jsx(Line, { name: "<b>&", days: 1 }),
        jsx(Line, { name: "<b>&", days: null }),
        jsx(Line, { name: "Köln", days: 1 }),
      ),
    );
  const first = page();
  expect(first).toBe(
    '<ul><li title="&lt;b&gt;&amp;">&lt;b&gt;&amp; 1</li><li title="&lt;b&gt;&amp;">&lt;b&gt;&amp; </li><li title="Köln">Köln 1</li></ul>',
  );
  expect(page()).toBe(first);
  expect(made).toEqual(["<b>&", "<b>&", "Köln"]);
});

test("what is kept has its room: what was asked for last stays, whatever came between", () => {
  const made: number[] = [];
  const Line = kept(({ n }: { n: number }) => {
    made.push(n);
    return html`<p>${"x".repeat(500_000)}</p>`;
  });
  const ask = (n: number) => String(jsx(Line, { n }));
  for (let n = 0; n < 20; n += 1) {
    ask(n);
    ask(0);
  }
  expect(made).toHaveLength(20);
  ask(19);
  ask(1);
  expect(made.slice(20)).toEqual([1]);
});

test("what is made of objects is made once for these, and anew for others that are like them", () => {
  const made: string[] = [];
  const List = keptBy(([names, { title }]: readonly [string[], { title: string }]) => {
    made.push(title);
    return html`<h2>${title}</h2>${names.join()}`;
  });
  const [names, berlin, paris] = [["a", "b"], { title: "Berlin" }, { title: "Paris <&>" }];
  const ask = (...of: readonly [string[], { title: string }]) => String(jsx(List, { of }));
  expect(ask(names, berlin)).toBe("<h2>Berlin</h2>a,b");
  expect(ask(names, berlin)).toBe("<h2>Berlin</h2>a,b");
  expect(ask(names, paris)).toBe("<h2>Paris &lt;&amp;&gt;</h2>a,b");
  expect(ask(["c"], paris)).toBe("<h2>Paris &lt;&amp;&gt;</h2>c");
  expect(made).toEqual(["Berlin", "Paris <&>", "Paris <&>"]);
});
