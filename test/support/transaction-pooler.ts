const READY = "Z".charCodeAt(0);
const STATUS = "S".charCodeAt(0);
const TERMINATE = "X".charCodeAt(0);
const IDLE = "I".charCodeAt(0);

/** What a client of a server that trusts it is told. */
const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);

interface Line {
  isGreeted: boolean;
}

type Client = Bun.Socket<Line>;

/**
 * PgBouncer in transaction mode with one session behind it: the first client's, which all others share. Each is
 * given it for a transaction, and waits until the one before is through.
 */
export async function transactionPooler(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const greeting: Buffer[] = [];
  const waiting: { client: Client; bytes: Buffer }[] = [];
  /** Whose transaction it is; the first client's own greeting is the first. */
  let turn: Client | undefined;
  let isOpen = false;
  let rest = Buffer.alloc(0);

  const server = await Bun.connect({
    hostname: target.hostname,
    port: Number(target.port),
    socket: {
      data(_, bytes) {
        rest = Buffer.concat([rest, bytes]);
        for (;;) {
          const length = rest.length >= 5 ? 1 + rest.readUInt32BE(1) : Number.POSITIVE_INFINITY;
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
    if (message[0] !== READY || message[5] !== IDLE) return;
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
      server.write(bytes);
      return;
    }
    client.data.isGreeted = true;
    if (isOpen) client.write(Buffer.concat([AUTHENTICATED, ...greeting]));
    else {
      turn = client;
      server.write(bytes);
    }
  }

  const listener = Bun.listen<Line>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(client) {
        client.data = { isGreeted: false };
      },
      data(client, chunk) {
        const bytes = Buffer.from(chunk);
        if (turn === client) server.write(bytes);
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
