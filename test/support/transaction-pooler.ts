const READY = "Z".charCodeAt(0);
const STATUS = "S".charCodeAt(0);
const TERMINATE = "X".charCodeAt(0);
const SYNC = "S".charCodeAt(0);
const QUERY = "Q".charCodeAt(0);
const IDLE = "I".charCodeAt(0);

/** What a client of a server that trusts it is told. */
const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);

interface Line {
  isGreeted: boolean;
  /** Of what it sent, the beginning of a message whose end has not come. */
  begun: Buffer;
}

type Client = Bun.Socket<Line>;

/**
 * PgBouncer in transaction mode with one session behind it: the first client's, which all others share. Each is
 * given it for a transaction, and waits until the one before is through.
 */
export async function transactionPooler(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const greeting: Buffer[] = [];
  let waiting: { client: Client; bytes: Buffer }[] = [];
  /** Whose transaction it is; the first client's own greeting is the first. */
  let turn: Client | undefined;
  /** How often the server will say to whoever has the turn that it is ready. */
  let owed = 0;
  let isOpen = false;
  let rest = Buffer.alloc(0);

  const server = await Bun.connect({
    hostname: target.hostname,
    port: Number(target.port),
    socket: {
      data(_, bytes) {
        rest = Buffer.concat([rest, bytes]);
        for (;;) {
          const length = messageLength(rest);
          if (rest.length < length) return;
          answer(rest.subarray(0, length));
          rest = rest.subarray(length);
        }
      },
    },
  });

  function answer(message: Buffer) {
    turn?.write(message);
    if (!isOpen && message[0] === STATUS) greeting.push(Buffer.from(message));
    if (message[0] !== READY) return;
    owed -= 1;
    if (message[5] !== IDLE || owed > 0) return;
    if (!isOpen) greeting.push(Buffer.from(message));
    isOpen = true;
    turn = undefined;
    next();
  }

  function next() {
    while (turn === undefined) {
      const one = waiting.shift();
      if (!one) return;
      take(one.client, one.bytes);
    }
  }

  function take(client: Client, bytes: Buffer) {
    if (client.data.isGreeted) {
      if (bytes[0] === TERMINATE) return;
      turn = client;
      pass(client, bytes);
      // A message may come in parts, and what it sent meanwhile is the rest.
      for (const one of waiting) if (one.client === client) pass(client, one.bytes);
      waiting = waiting.filter((one) => one.client !== client);
      return;
    }
    client.data.isGreeted = true;
    if (isOpen) client.write(Buffer.concat([AUTHENTICATED, ...greeting]));
    else {
      turn = client;
      owed = 1;
      server.write(bytes);
    }
  }

  /** Whoever has the turn keeps it until all that it sent is answered. */
  function pass(client: Client, bytes: Buffer) {
    let sent = Buffer.concat([client.data.begun, bytes]);
    for (let length = messageLength(sent); sent.length >= length; length = messageLength(sent)) {
      if (sent[0] === SYNC || sent[0] === QUERY) owed += 1;
      sent = sent.subarray(length);
    }
    client.data.begun = sent;
    server.write(bytes);
  }

  const listener = Bun.listen<Line>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(client) {
        client.data = { isGreeted: false, begun: Buffer.alloc(0) };
      },
      data(client, chunk) {
        const bytes = Buffer.from(chunk);
        if (turn === client) pass(client, bytes);
        else if (turn === undefined) take(client, bytes);
        else waiting.push({ client, bytes });
      },
    },
  });
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(listener.port);
  return {
    url: url.href,
    [Symbol.dispose]() {
      listener.stop(true);
      server.end();
    },
  };
}

function messageLength(bytes: Buffer) {
  return bytes.length >= 5 ? 1 + bytes.readUInt32BE(1) : Number.POSITIVE_INFINITY;
}
