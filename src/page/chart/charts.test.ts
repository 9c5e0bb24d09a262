import { expect, test } from "bun:test";
import { type FC, jsx } from "hono/jsx";
import { fc } from "../../../test/support/fast-check.ts";
import { Bar } from "./bar.tsx";
import { Curve, type CurveProps } from "./curve.tsx";
import { Hours } from "./hours.tsx";
import { LaunchMinutes, percentTicks } from "./launch-minutes.tsx";
import { amount, percent, signed, whole } from "./numbers.ts";
import { linePath, type Point } from "./paths.ts";
import { type Coming, Ribbon } from "./ribbon.tsx";
import { Spark, sparkOf } from "./spark.tsx";
import { clockTicks, dateTicks, dayLabel, roundTicks } from "./ticks.ts";

const now = Date.parse("2026-11-28T10:56:00Z");
const DAY_MS = 86_400_000;
const HOSTILE = `<img src=x onerror=alert(1)>"'&\u202eevil`;

const html = <Props extends object>(of: FC<Props>, props: Props) => String(jsx(of, props));

const curve = (more: Partial<CurveProps> = {}): CurveProps => {
  const x = { from: now - 26 * DAY_MS, to: now + 30 * DAY_MS };
  return {
    ...{ id: "curve", title: "Sold since launch", sentence: "91.5 % sold.", name: "Maastricht" },
    x: {
      ...{ ...x, column: "Day", ticks: dateTicks(x, "Europe/Berlin") },
      say: (at) => dayLabel(at, "Europe/Berlin"),
    },
    y: { ticks: percentTicks, column: "Sold", say: percent },
    own: [
      { x: x.from, y: 38 },
      { x: now, y: 91.52 },
    ],
    ...more,
  };
};

const number = fc.oneof(
  fc.constantFrom(0, 1, 100, -1, 1e308, 1e15, Number.NaN, Number.POSITIVE_INFINITY, now),
  fc.double(),
);
const points = fc.array(fc.record({ x: number, y: number }), { maxLength: 4 });
const extent = fc.record({ from: number, to: number });

const isDrawn = (text: string) => {
  expect(text).not.toMatch(/NaN|Infinity|undefined|null|\[object|\sstyle=/);
};

test("whatever the numbers, a chart has a place for everything that it draws", () => {
  fc.assert(
    fc.property(points, points, extent, number, number, (own, other, of, a, b) => {
      const name = "HYROX";
      const x = { ...of, column: "Day", ticks: dateTicks(of, null), say: String };
      const forecast = { points: other, range: [{ x: a, low: b, high: a }] };
      const y = { ticks: percentTicks, column: "Sold", say: percent };
      const usual = { name: "usual", points: other };
      const drawn = [
        html(
          CurveShape,
          curve({ x: { ...x, say: () => "a day" }, y: { ...y, say: () => "%" }, own }),
        ),
        html(
          CurveShape,
          curve({
            own,
            others: [{ name, points: other }],
            usual,
            forecast,
            now: a,
            y: { ...y, say: () => "%" },
          }),
        ),
        spark(own.filter((point) => Math.abs(point.y) < 1e6)),
        html(Bar, { sold: Math.abs(a) < 1e6 ? a : null, usual: b }),
        html(Hours, {
          ...named,
          zone: null,
          hours: own
            .map(({ x: at, y: sold }) => ({ at, sold }))
            .filter(({ at }) => Math.abs(at) < 1e15),
        }),
        html(Ribbon, { id: "ribbon", now, zone: null, coming: [{ at: a, kind: "race", name }] }),
      ];
      for (const text of drawn) isDrawn(text);
    }),
    { numRuns: 100 },
  );
});

const CurveShape: FC<CurveProps> = Curve;

function spark(points: readonly Point[]) {
  const props = sparkOf(points, { isLaunching: false });
  return props ? html(Spark, props) : "";
}

const named = { id: "hours", title: "By hour", sentence: "83 sold." };

test.each([
  ["no point", []],
  ["one point", [{ x: now, y: 50 }]],
  [
    "equal points",
    [
      { x: now, y: 0 },
      { x: now, y: 0 },
    ],
  ],
] satisfies [string, Point[]][])(
  "a curve of %s is a picture with its axes all the same",
  (_, own) => {
    const text = html(CurveShape, curve({ own }));
    isDrawn(text);
    expect(text).toContain(">100 %</text>");
  },
);

test("an event's name is text in a picture and in its table, whatever it says", () => {
  const drawn = [
    html(
      CurveShape,
      curve({
        ...{ name: HOSTILE, title: HOSTILE, sentence: HOSTILE },
        marks: [{ x: now, kind: "price", label: HOSTILE }],
      }),
    ),
    html(Ribbon, {
      id: "ribbon",
      now,
      zone: null,
      coming: [{ at: now + DAY_MS, kind: "launch", name: HOSTILE }],
    }),
    html(LaunchMinutes, {
      ...{
        id: "minutes",
        name: HOSTILE,
        sentence: HOSTILE,
        launchedAt: now,
        now,
        zone: null,
        own: [],
        others: [],
      },
    }),
  ];
  for (const text of drawn) {
    expect(text).toContain("&lt;img");
    expect(text).not.toContain("<img");
  }
});

test("a chart's table has what its picture shows: own, usual, what is to be expected, what happened", () => {
  const text = html(
    CurveShape,
    curve({
      usual: {
        name: "usual",
        points: [
          { x: now - 26 * DAY_MS, y: 20 },
          { x: now, y: 66.5 },
        ],
      },
      forecast: {
        points: [
          { x: now, y: 91.52 },
          { x: now + DAY_MS, y: 92 },
        ],
        range: [
          { x: now, low: 91.5, high: 91.5 },
          { x: now + DAY_MS, low: 91.8, high: 93 },
        ],
      },
      marks: [{ x: now, kind: "capacity", label: "40 places more" }],
    }),
  );
  const rows = [...text.matchAll(/<tr data-at="([\d.]+)">(.*?)<\/tr>/g)].map(([, at, cells]) => [
    Number(at),
    ...(cells ?? "").split(/<[^>]*>/).filter((cell) => cell !== ""),
  ]);
  expect(rows).toEqual([
    [0, "2 Nov", "38.0 %", "20.0 %"],
    [46.43, "28 Nov", "91.5 %", "66.5 %", "91.5 %", "91.5 % to 91.5 %", "40 places more"],
    [48.21, "29 Nov", "92.0 %", "91.8 % to 93.0 %"],
  ]);
});

test("what is now is read off a chart, however much is to be expected behind it", () => {
  const expected = Array.from({ length: 97 }, (_, n) => ({ x: now + n * 3_600_000, y: 92 }));
  const own = Array.from({ length: 24 }, (_, n) => ({ x: now - (23 - n) * DAY_MS, y: 60 + n }));
  const text = html(CurveShape, curve({ own, forecast: { points: expected, range: [] } }));
  expect(text).toContain("<td>83.0 %</td>");
});

test("a name that is longer than its chart is wide is cut in the picture", () => {
  const text = html(CurveShape, curve({ name: "HYROX without end ".repeat(12) }));
  expect(text).toMatch(/<text class="chart-name"[^>]*>HYROX without end HYROX…<\/text>/);
});

test("places are counted in round numbers, and a few of them one by one", () => {
  const labels = (all: number) => roundTicks(all, whole).map(({ label }) => label);
  expect(labels(1_439)).toEqual(["0", "500", "1,000"]);
  expect(labels(3)).toEqual(["0", "1", "2", "3"]);
});

test("a path is of whole numbers and of no more points than an eye can tell apart", () => {
  const many = Array.from({ length: 10_000 }, (_, x) => ({ x, y: Math.sqrt(x) }));
  const path = linePath(many, { x: { from: 0, to: 9_999 }, y: { from: 0, to: 100 } });
  expect(path).toMatch(/^M0,1200(L\d+,\d+)+$/);
  expect(path.split("L").length).toBeLessThan(200);
  expect(path).toEndWith("L2000,0");
});

test("numbers are written with their thousands, one decimal of a percent, and a true minus", () => {
  expect([whole(1234567), whole(-1234), whole(999)]).toEqual(["1,234,567", "−1,234", "999"]);
  expect([percent(91.52), percent(100), percent(99.97), percent(0)]).toEqual([
    "91.5 %",
    "100.0 %",
    "99.9 %",
    "0.0 %",
  ]);
  expect([percent(94.35), percent(1.15), percent(-0.04)]).toEqual(["94.4 %", "1.2 %", "0.0 %"]);
  expect([amount(1234.5, "EUR"), amount(1_250_000, "JPY"), amount(99, "CHF")]).toEqual([
    ...["1,234.50", "1,250,000", "99.00"],
  ]);
  expect([signed(14), signed(-6.2), signed(0), signed(0.3)]).toEqual(["+14", "−6", "0", "±0"]);
});

test("a day begins on an axis where it does in the event's own zone", () => {
  const x = { from: Date.parse("2026-03-28T12:00:00Z"), to: Date.parse("2026-03-31T12:00:00Z") };
  expect(
    dateTicks(x, "Europe/Berlin").map(({ at, label }) => [new Date(at).toISOString(), label]),
  ).toEqual([
    ["2026-03-28T23:00:00.000Z", "29 Mar"],
    ["2026-03-29T22:00:00.000Z", "30 Mar"],
    ["2026-03-30T22:00:00.000Z", "31 Mar"],
  ]);
  const morning = {
    from: Date.parse("2026-11-28T10:15:00Z"),
    to: Date.parse("2026-11-28T13:15:00Z"),
  };
  expect(clockTicks(morning, "Europe/Berlin").map(({ label }) => label)).toEqual([
    "11:30",
    "12:00",
    "12:30",
    "13:00",
    "13:30",
    "14:00",
  ]);
});

test("a table has one row a day, with what it was last and all that happened on it", () => {
  const x = { from: now - 10 * DAY_MS, to: now + DAY_MS };
  const hours = Array.from({ length: 33 }, (_, n) => ({ x: x.from + n * 7 * 3_600_000, y: n }));
  const text = html(
    CurveShape,
    curve({
      own: hours,
      x: {
        ...{ ...x, column: "Day", ticks: dateTicks(x, "Asia/Kolkata") },
        say: (at) => dayLabel(at, "Asia/Kolkata"),
      },
      marks: [
        { x: x.from, kind: "launch", label: "Launch" },
        { x: x.from + 3_600_000, kind: "price", label: "Price of Women" },
      ],
    }),
  );
  const rows = [
    ...text.matchAll(/<tr data-at="([\d.]+)"><th scope="row">([^<]*)<\/th>(.*?)<\/tr>/g),
  ];
  const days = rows.map(([, , day]) => day);
  expect(new Set(days).size).toBe(days.length);
  // Of the 18th there are readings at 10:56, 17:56 and, by clocks in Kolkata on the next day, 00:56 UTC.
  expect(rows[0]?.slice(2)).toEqual(["18 Nov", "<td>1.0 %</td><td>Launch, Price of Women</td>"]);
});

test.each([
  ["early and low, above its end and the word now", 2, 10, "start", "-24"],
  [
    "early and in the middle, below it, for above it is what is to be expected",
    2,
    50,
    "start",
    "22",
  ],
  ["early and nearly at the top, above it", 2, 98, "start", "-10"],
  ["late, to its left and above it, where the curve has not been", 25, 50, "end", "-10"],
])("the name of a curve stands, where it ends %s", (_, day, y, anchor, dy) => {
  const x = { from: now - day * DAY_MS, to: now - day * DAY_MS + 56 * DAY_MS };
  const of = { ...x, column: "Day", ticks: [], say: String };
  const own = [
    { x: x.from, y: 1 },
    { x: now, y },
  ];
  const text = html(CurveShape, curve({ own, x: of, now }));
  const [name = ""] = /<text class="chart-name"[^>]*>/.exec(text) ?? [];
  expect(name).toContain(`text-anchor="${anchor}"`);
  expect(name).toContain(` dy="${dy}"`);
});

test("a race is as long on the ribbon as it lasts, also one that has begun, and says its days", () => {
  const day = (days: number) => now + days * DAY_MS;
  const race = (name: string, at: number, until: number): Coming => ({
    ...{ kind: "race", name, at, until },
  });
  const text = html(Ribbon, {
    ...{ id: "ribbon", now, zone: null },
    coming: [
      race("runs", day(-1), day(1)),
      race("long", day(14), day(16)),
      race("backwards", day(28), day(20)),
      race("over", day(-3), day(-1)),
    ],
  });
  const blocks = [...text.matchAll(/<rect class="coming-race" x="([^"]*)"[^>]* width="([^"]*)"/g)];
  expect(blocks.map(([, x, width]) => [x, width])).toEqual([
    ["0%", "1.79%"],
    ["25%", "3.57%"],
    ["50%", "0.6%"],
  ]);
  expect(text).toContain("3 races in the next eight weeks");
  const days = [...text.matchAll(/<th scope="row">([^<]*)<\/th>/g)].map(([, name]) => name);
  expect(days).toEqual(["27–29 Nov", "12–14 Dec", "26 Dec"]);
});

test("no name on the ribbon stands on another, on a laptop, a tablet or paper, and what has no room is in the table", () => {
  const text = html(Ribbon, {
    ...{ id: "ribbon", now, zone: "UTC" },
    coming: Array.from({ length: 30 }, (_, index) => ({
      ...{ at: now + (index * 1.7 + 0.3) * DAY_MS, kind: "launch" as const },
      name: `Townsville ${index}`,
    })),
  });
  const names = [
    ...text.matchAll(
      /<text class="([^"]*chart-coming[^"]*)" x="([\d.]+)%" [^>]*y="(\d+)">([^<]*)</g,
    ),
  ].map(([, kind = "", x, y, name = ""]) => ({ kind, x: Number(x), y, name }));
  // The picture is 28 to 48 px narrower than the window, and a letter of its type some 6.4 px wide.
  const shown = { 1300: names, 705: names.filter(({ kind }) => !kind.includes("is-wide")) };
  for (const [window, those] of Object.entries(shown)) {
    const px = Number(window) - 45;
    for (const row of Map.groupBy(those, ({ y }) => y).values())
      for (const [index, { x, name }] of row.entries())
        expect((x / 100) * px + name.length * 6.4).toBeLessThan(
          ((row[index + 1]?.x ?? 100) / 100) * px,
        );
  }
  expect(shown[705].length).toBeGreaterThan(3);
  expect(shown[1300].length).toBeGreaterThan(shown[705].length);
  expect(text.match(/<tr data-at/g)).toHaveLength(30);
});

test("a race is on a day of its own place, wherever one looks from, and a launch on the reader's", () => {
  const at = Date.parse("2026-12-12T20:00:00Z");
  const text = html(Ribbon, {
    ...{ id: "ribbon", now, zone: "Europe/Berlin" },
    coming: [
      { at, kind: "race", name: "Auckland", zone: "Pacific/Auckland" },
      { at, kind: "launch", name: "Boston", zone: "Pacific/Auckland" },
    ],
  });
  const rows = [...text.matchAll(/<th scope="row">([^<]*)<\/th><td>([^<]*)/g)];
  expect(rows.map(([, day, what]) => `${day} ${what}`).sort()).toEqual([
    "12 Dec Launch",
    "13 Dec Race",
  ]);
});

test("a launch is on a day of its own place on the ribbon where nobody knows the reader's", () => {
  const text = html(Ribbon, {
    ...{ id: "ribbon", now, zone: null },
    coming: ["Europe/Rome", "America/Vancouver", null].map((zone) => ({
      ...{ at: Date.parse("2026-12-12T23:52:00Z"), kind: "launch" as const, zone },
      name: String(zone),
    })),
  });
  const rows = [...text.matchAll(/<th scope="row">([^<]*)<\/th><td>[^<]*<\/td><td>([^<]*)/g)];
  expect(rows.map(([, day, name]) => `${day} ${name}`)).toEqual([
    ...["13 Dec Europe/Rome", "12 Dec America/Vancouver", "12 Dec null"],
  ]);
});
