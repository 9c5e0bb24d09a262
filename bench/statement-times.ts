import type { TransactionSql } from "postgres";
import { say } from "./load.ts";

/** A statement's text, its parameters left out, is told by so many letters. */
const TOLD = 76;

interface Statement {
  times: number;
  sentMs: number;
  answeredMs: number;
}

/**
 * Where the time of a transaction goes: when each of its statements is sent and answered, and how long
 * none is under way, so that this process alone is at work.
 */
export function statementTimes() {
  const statements = new Map<string, Statement>();
  let transactions = 0;
  let total = 0;
  let waiting = 0;
  let spans: { from: number; to: number }[] = [];

  return { measured, report };

  /** The transaction's body is given what it asks with instead of `tx`. */
  async function measured(begin: (wrap: (tx: TransactionSql) => TransactionSql) => Promise<void>) {
    spans = [];
    const startedAt = performance.now();
    let workedUntil = startedAt;
    await begin((tx) => {
      workedUntil = performance.now();
      return watching(tx, startedAt, (span) => {
        workedUntil = Math.max(workedUntil, span.to);
        spans.push(span);
      });
    });
    transactions += 1;
    const ended = performance.now();
    total += ended - startedAt;
    waiting += together(spans) + (ended - workedUntil);
  }

  function watching(
    tx: TransactionSql,
    startedAt: number,
    onAnswered: (span: { from: number; to: number }) => void,
  ): TransactionSql {
    return new Proxy(tx, {
      apply(ask, self, given) {
        // The cast: a Proxy's handler is told nothing of what it stands for.
        const query = Reflect.apply(ask as (...of: unknown[]) => unknown, self, given);
        const [texts] = given as [TemplateStringsArray | undefined];
        if (!texts?.raw || !isQuery(query)) return query;
        const sent = { from: 0 };
        const { then } = query;
        const told: Query["then"] = (onValue, onError) => {
          // A fragment of another statement is never waited for.
          sent.from ||= performance.now();
          return then.call(
            query,
            (value) => {
              const span = { from: sent.from, to: performance.now() };
              note(texts.join("?"), span.from - startedAt, span.to - startedAt);
              onAnswered(span);
              return onValue ? onValue(value) : value;
            },
            onError,
          );
        };
        Reflect.set(query, "then", told);
        return query;
      },
    });
  }

  function note(text: string, sentMs: number, answeredMs: number) {
    const name = text.replace(/\s+/g, " ").trim().slice(0, TOLD);
    const known = statements.get(name) ?? { times: 0, sentMs: 0, answeredMs: 0 };
    known.times += 1;
    known.sentMs += sentMs;
    known.answeredMs += answeredMs;
    statements.set(name, known);
  }

  function report() {
    const mean = (ms: number) => (ms / transactions).toFixed(1);
    say(
      `  a fact: ${mean(total)} ms, ${mean(waiting)} of them with a statement or the commit under way, ${mean(total - waiting)} without`,
    );
    say("  sent at   answered at   statement (ms since the transaction began)");
    const rows = [...statements].map(([name, { times, sentMs, answeredMs }]) => ({
      ...{ name, sent: sentMs / times, answered: answeredMs / times },
    }));
    for (const { name, sent, answered } of rows.sort((one, other) => one.sent - other.sent))
      say(`  ${sent.toFixed(1).padStart(7)}  ${answered.toFixed(1).padStart(12)}   ${name}`);
  }
}

interface Query {
  then(onValue?: (value: unknown) => unknown, onError?: (error: unknown) => unknown): unknown;
}

const isQuery = (value: unknown): value is Query =>
  typeof value === "object" && value !== null && "then" in value;

/** How long at least one of them lasts. */
function together(spans: readonly { from: number; to: number }[]) {
  let sum = 0;
  let until = 0;
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from)) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}
