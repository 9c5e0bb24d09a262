/**
 * Vivenu's lists at their real pace, played faster: a season too large for the sandbox's played one.
 * Tickets are numbers in typed arrays and become JSON when they are asked for.
 */
const TYPES = 12;
/** What sells beside a season's end finds room for so many tickets more in each event. */
const ROOM = 1.02;
const STATUSES = ["VALID", "DETAILSREQUIRED", "INVALID", "RESERVED"];

export interface LightSeason {
  accounts: number;
  events: number;
  ticketsPerEvent: number;
  /** By which the real answer times are divided. */
  factor: number;
  order: "sorted" | "shuffled";
  /** The moment up to when the season sold. */
  until: number;
  /** How many ticket types an event has, by its number; without it 12. */
  typesOf?: (event: number) => number;
  /** For how many times its tickets an event has room. */
  room?: number;
}

interface LightEvent {
  id: string;
  types: number;
  size: number;
  createdAt: Float64Array;
  updatedAt: Float64Array;
  status: Uint8Array;
  /** Where a ticket stands in a list that has no order. */
  rank: Uint32Array;
}

export function lightVivenu(season: LightSeason) {
  const { accounts, events, ticketsPerEvent, factor, until } = season;
  const { typesOf = () => TYPES, room: times = ROOM } = season;
  let { order } = season;
  const random = seeded(7);
  const all = Array.from({ length: events }, (_, index) => makeEvent(index));
  const ofAccount = (account: number) => all.filter((_, index) => index % accounts === account);
  let requests = 0;

  function makeEvent(index: number): LightEvent {
    const room = Math.ceil(ticketsPerEvent * times);
    const createdAt = new Float64Array(room);
    const span = 60 * 86_400_000;
    for (let i = 0; i < ticketsPerEvent; i += 1)
      // A third is sold in the first hours.
      createdAt[i] = Math.floor(
        until - span + span * (random() < 0.33 ? random() * 0.002 : random()),
      );
    createdAt.subarray(0, ticketsPerEvent).sort();
    const status = new Uint8Array(room);
    for (let i = 0; i < ticketsPerEvent; i += 1)
      status[i] = random() < 0.07 ? 2 : random() < 0.3 ? 1 : 0;
    const rank = Uint32Array.from({ length: room }, () => Math.floor(random() * 2 ** 32));
    const id = `68f0000000000000000${String(index).padStart(5, "0")}`;
    const updatedAt = createdAt.slice();
    return {
      ...{ id, types: typesOf(index), size: ticketsPerEvent },
      ...{ createdAt, updatedAt, status, rank },
    };
  }

  /** Changes a share of all tickets at `at`: refunds, details that were filled in, and new sales. */
  function sell(share: number, at: number) {
    for (const event of all) {
      const changes = Math.round(event.size * share);
      for (let i = 0; i < changes; i += 1) {
        const isSale = i % 5 === 0;
        const index = isSale ? event.size++ : Math.floor(random() * event.size);
        const moment = at + i;
        if (isSale) event.createdAt[index] = moment;
        event.updatedAt[index] = moment;
        event.status[index] = i % 5 === 1 ? 2 : 0;
      }
    }
  }

  /** One more ticket of so many ticket types of an event, while it has room. */
  function sellTypes(index: number, types: number, at: number) {
    const event = all[index % all.length];
    for (let sale = 0; event && sale < types && event.size < event.rank.length; sale += 1) {
      event.createdAt[event.size] = at + sale;
      event.updatedAt[event.size] = at + sale;
      event.size += 1;
    }
  }

  interface Hit {
    event: LightEvent;
    index: number;
  }

  function find(owned: LightEvent[], query: URLSearchParams): Hit[] {
    const time = (name: string, otherwise: number) => {
      const text = query.get(name);
      return text === null ? otherwise : Date.parse(text);
    };
    const [from, to] = [time("start", -Infinity), time("end", Infinity)];
    const [since, upTo] = [time("updatedAt[$gte]", -Infinity), time("updatedAt[$lte]", Infinity)];
    const wanted = query.get("event");
    const hits: Hit[] = [];
    for (const event of owned) {
      if (wanted !== null && event.id !== wanted) continue;
      for (let index = event.size - 1; index >= 0; index -= 1) {
        const [created = 0, updated = 0] = [event.createdAt[index], event.updatedAt[index]];
        if (created >= from && created <= to && updated >= since && updated <= upTo)
          hits.push({ event, index });
      }
    }
    if (order === "shuffled")
      hits.sort((a, b) => (a.event.rank[a.index] ?? 0) - (b.event.rank[b.index] ?? 0));
    return hits;
  }

  /** About as large as a real one, with a made-up holder. */
  function ticketOf({ event, index }: Hit) {
    const type = (index * 31) % event.types;
    return {
      _id: `${event.id.slice(-5)}${String(index).padStart(19, "0")}`,
      sellerId: "6500a1b2c3d4e5f601020304",
      eventId: event.id,
      ticketTypeId: `${event.id.slice(0, 21)}${String(type).padStart(3, "0")}`,
      ticketName: `HYROX TYPE ${type}`,
      status: STATUSES[event.status[index] ?? 0],
      createdAt: new Date(event.createdAt[index] ?? 0).toISOString(),
      updatedAt: new Date(event.updatedAt[index] ?? 0).toISOString(),
      origin: "yourticket",
      transactionId: "6500a1b2c3d4e5f601020305",
      realPrice: 99,
      regularPrice: 99,
      currency: "EUR",
      triggeredBy: [],
      addOns: [],
      secret: "0000000000000000000000000000000000000000",
      barcode: "000000000000",
      email: `holder${index}@example.com`,
      name: "A Holder",
      ...(index % 9 === 0 && { underShopId: "6500a1b2c3d4e5f601020306" }),
    };
  }

  const eventOf = ({ id, types }: LightEvent) => ({
    _id: id,
    sellerId: "6500a1b2c3d4e5f601020304",
    name: `HYROX ${id.slice(-2)}`,
    createdAt: new Date(until - 90 * 86_400_000).toISOString(),
    updatedAt: new Date(until - 61 * 86_400_000).toISOString(),
    start: new Date(until + 30 * 86_400_000).toISOString(),
    end: new Date(until + 32 * 86_400_000).toISOString(),
    sellStart: new Date(until - 60 * 86_400_000).toISOString(),
    tickets: Array.from({ length: types }, (_, type) => ({
      _id: `${id.slice(0, 21)}${String(type).padStart(3, "0")}`,
      ...{ name: `HYROX MEN ${type}`, price: 99, amount: 2_000, active: true },
    })),
  });

  /** 2.7 s for a page of 1,000 and 0.9 s for one of 100: 0.7 s and 2 ms a row. */
  const waitFor = (rows: number) => Bun.sleep((700 + 2 * rows) / factor);

  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 120,
    async fetch(request) {
      requests += 1;
      const { pathname, searchParams: query } = new URL(request.url);
      const account = Number(/\d+$/.exec(request.headers.get("authorization") ?? "")?.[0] ?? 0);
      const owned = ofAccount(account);
      if (pathname === "/api/sellers/me") {
        await waitFor(0);
        return Response.json({ _id: `seller${account}`, currency: "EUR" });
      }
      const [skip, top] = [Number(query.get("skip")), Number(query.get("top"))];
      if (pathname === "/api/events") {
        const since = Date.parse(query.get("updatedAt[$gte]") ?? "1970-01-01");
        const found = owned.map(eventOf).filter(({ updatedAt }) => Date.parse(updatedAt) >= since);
        await waitFor(100);
        return Response.json({ rows: found.slice(skip, skip + top), total: found.length });
      }
      const hits = find(owned, query);
      const rows = hits.slice(skip, skip + top).map(ticketOf);
      await waitFor(rows.length);
      return Response.json({ rows, total: hits.length });
    },
  });

  return {
    url: `http://127.0.0.1:${server.port}`,
    eventIds: (account: number) => ofAccount(account).map(({ id }) => id),
    sell,
    sellTypes,
    /** As a webhook describes it. */
    describe: (index: number) =>
      all
        .slice(index % all.length)
        .slice(0, 1)
        .map(eventOf),
    reorder: (next: LightSeason["order"]) => {
      order = next;
    },
    /** Requests since this was last asked. */
    taken() {
      const taken = requests;
      requests = 0;
      return taken;
    },
    tickets: () => all.reduce((sum, { size }) => sum + size, 0),
    fullPages: () => all.reduce((sum, { size }) => sum + Math.ceil(size / 1_000), 0),
    /** Valid tickets, as the log should say. */
    sold: () =>
      all.reduce((sum, { size, status }) => {
        let valid = 0;
        for (let i = 0; i < size; i += 1) if ((status[i] ?? 0) < 2) valid += 1;
        return sum + valid;
      }, 0),
    stop: () => server.stop(true),
  };
}

function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
