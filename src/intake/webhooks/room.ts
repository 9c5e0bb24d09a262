/**
 * The memory that the bodies of all webhooks at one time may take. A body has its share before its first
 * byte is read, so that bytes which nobody has room for stay where they are. Nobody needs a key to ask
 * for a share, and Vivenu's webhooks are not told from others before their end. So where it is full, who
 * asks for less takes the place of who asked for more, and anybody that of who has had his for long: a
 * webhook that comes whole in a moment finds room among whatever is sent slowly, or by the megabyte.
 */
export interface Room {
  /**
   * Undefined where there is no room; who asks for more than all gets all. `onEvicted` is told when the
   * share is taken back.
   */
  open(bytes: number, onEvicted: () => void): Share | undefined;
}

export interface Share {
  /** From now on it is not taken back, for its signature fits; false where it was before. */
  pin(): boolean;
  /** False where there is no room for so much. */
  resize(bytes: number): boolean;
  close(): void;
}

interface Held {
  bytes: number;
  openedAt: number;
  isPinned: boolean;
  onEvicted: () => void;
}

/** Vivenu's own need a fraction of it, wherever they come from. */
const LONG_MS = 2_000;

export function createRoom(mostBytes: number, now: () => number = () => performance.now()): Room {
  const all = new Set<Held>();
  let used = 0;

  return {
    open(bytes, onEvicted) {
      const held: Held = { bytes: 0, openedAt: now(), isPinned: false, onEvicted };
      if (!resize(held, Math.min(bytes, mostBytes))) return undefined;
      all.add(held);
      return {
        resize: (to) => all.has(held) && resize(held, to),
        pin() {
          held.isPinned = true;
          return all.has(held);
        },
        close: () => remove(held),
      };
    },
  };

  function resize(own: Held, bytes: number): boolean {
    if (!makeRoom(own, bytes)) return false;
    used += bytes - own.bytes;
    own.bytes = bytes;
    return true;
  }

  /** Puts nobody out where that would not be enough. */
  function makeRoom(own: Held, bytes: number): boolean {
    let missing = used - own.bytes + bytes - mostBytes;
    if (missing <= 0) return true;
    const leaving: Held[] = [];
    const candidates = [...all].filter((held) => held !== own && givesWay(held, own, bytes));
    candidates.sort((a, b) => longMs(b) - longMs(a) || b.bytes - a.bytes);
    for (const held of candidates) {
      if (missing <= 0) break;
      leaving.push(held);
      missing -= held.bytes;
    }
    if (missing > 0) return false;
    for (const held of leaving) {
      remove(held);
      held.onEvicted();
    }
    return true;
  }

  function givesWay(held: Held, own: Held, bytes: number) {
    if (held.isPinned) return false;
    return own.isPinned || held.bytes > bytes || longMs(held) > 0;
  }

  /** How long past what a webhook needs. */
  function longMs({ openedAt }: Held) {
    return Math.max(now() - openedAt - LONG_MS, 0);
  }

  function remove(held: Held) {
    if (!all.delete(held)) return;
    used -= held.bytes;
    held.bytes = 0;
  }
}
