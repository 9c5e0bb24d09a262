/** Finds what can be changed in a file of TypeScript, by its syntax tree. */
import {
  type BinaryExpression,
  type CallExpression,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";
import { type Change, oneLine } from "./change.ts";
import { maskSql, sqlChanges, type TextChange } from "./sql-changes.ts";

/** Texts for people and what is only told: whether they are so is no test's business. */
const TOLD =
  /^(?:\w+\.)*(?:log|logger|metrics?)\.|\.(?:openapi|describe|meta|description)\($|createRoute\($|^(?:counter|gauge|histogram)\(/;

export function codeChanges(file: string, source: SourceFile): Change[] {
  const text = source.text;
  const lines = text.split("\n");
  const lineAt = (at: number) => text.slice(0, at).split("\n").length;
  const found: Change[] = [];

  function note(change: TextChange, functions: readonly Node[]) {
    const { start, end, replacement, kind } = change;
    const before = oneLine(text.slice(start, end));
    if (before === oneLine(replacement)) return;
    const line = lineAt(start);
    const around = functions.at(-1);
    const context = (lines[line - 1] ?? "").trim();
    const names = functions.map((one) => text.slice(one.getStart(source), one.end).slice(0, 80));
    found.push({
      ...{ file, start, end, replacement, kind, line, context, before },
      lastLine: lineAt(end),
      functionLine: around ? lineAt(around.getStart(source)) : 1,
      about: `${file} ${names.at(-1) ?? ""} ${context}`,
    });
  }

  function walk(node: Node, functions: readonly Node[]) {
    if (isIdle(node)) return;
    const inside = is.isFunctionLikeDeclaration(node) ? [...functions, named(node)] : functions;
    for (const change of changesAt(node, source)) note(change, inside);
    node.forEachChild((child) => walk(child, inside));
  }
  walk(source, []);
  return found;

  function isIdle(node: Node): boolean {
    if (is.isTypeNode(node) || is.isImportDeclaration(node) || is.isThrowStatement(node))
      return true;
    if (is.isInterfaceDeclaration(node) || is.isTypeAliasDeclaration(node)) return true;
    // Of such a record only the keys say anything.
    if (is.isSatisfiesExpression(node)) return /, true>$/.test(nameIn(node.type));
    if (is.isVariableDeclaration(node)) return /example/i.test(nameIn(node.name));
    if (is.isExpressionStatement(node)) return isIdle(node.expression);
    if (
      is.isIfStatement(node) &&
      !node.elseStatement &&
      is.isExpressionStatement(node.thenStatement)
    )
      return isIdle(node.thenStatement);
    if (!is.isCallExpression(node)) return false;
    return TOLD.test(`${nameIn(node.expression)}(`);
  }

  function nameIn(node: Node) {
    return text.slice(node.getStart(source), node.end);
  }
}

/** A function that has its name from a constant is that constant's declaration. */
const named = (node: Node) =>
  node.parent && is.isVariableDeclaration(node.parent) ? node.parent : node;

function changesAt(node: Node, source: SourceFile): TextChange[] {
  const at = (one: Node) => ({ start: one.getStart(source), end: one.end });
  const textOf = (one: Node) => source.text.slice(one.getStart(source), one.end);
  const negated = (one: Node): TextChange => ({
    ...{ ...at(one), replacement: `!(${textOf(one)})`, kind: "condition negated" },
  });
  if (is.isIfStatement(node)) {
    const isGuard =
      !node.elseStatement && leaves(node.thenStatement) && !SPARING.test(textOf(node));
    const drop = { ...at(node), replacement: ";", kind: "guard dropped" };
    return [negated(node.expression), ...(isGuard ? [drop] : [])];
  }
  if (is.isWhileStatement(node)) return [negated(node.expression)];
  if (is.isConditionalExpression(node)) return [negated(node.condition)];
  if (is.isBinaryExpression(node)) return binaryChanges(node, source);
  if (is.isNumericLiteral(node)) return numberChanges(node, at(node), textOf(node));
  if (node.kind === SyntaxKind.TrueKeyword || node.kind === SyntaxKind.FalseKeyword) {
    const replacement = node.kind === SyntaxKind.TrueKeyword ? "false" : "true";
    return [{ ...at(node), replacement, kind: "constant" }];
  }
  if (is.isCaseClause(node) && node.statements.length === 0)
    return [{ ...at(node), replacement: "", kind: "case dropped" }];
  if (is.isExpressionStatement(node) && isCall(node.expression))
    return [{ ...at(node), replacement: ";", kind: "call dropped" }];
  if (is.isArrayLiteralExpression(node) && node.elements.length > 1) return lastDropped(node);
  if (is.isCallExpression(node)) return callChanges(node, source);
  if (is.isTaggedTemplateExpression(node)) return templateChanges(node, source);
  return [];

  /** Of a list of words, as statuses are, one is missing. */
  function lastDropped({ elements }: { elements: readonly Node[] }): TextChange[] {
    if (!elements.every((one) => is.isStringLiteral(one))) return [];
    const [previous, last] = elements.slice(-2);
    if (!previous || !last) return [];
    return [{ start: previous.end, end: last.end, replacement: "", kind: "element dropped" }];
  }
}

/** Of nothing there is nothing: it spares the question. */
const SPARING =
  /^if \([\w.]+\.(?:length|size) === 0\) return (?:\[\]|new (?:Map|Set)\(\)|\{(?: \w+: \[\],?)+ \});$/;

const leaves = (statement: Node): boolean =>
  is.isReturnStatement(statement) ||
  is.isContinueStatement(statement) ||
  is.isThrowStatement(statement) ||
  is.isBreakStatement(statement) ||
  (is.isBlock(statement) && statement.statements.some(leaves));

const isCall = (node: Node): boolean =>
  is.isCallExpression(node) || (is.isAwaitExpression(node) && isCall(node.expression));

const OPERATORS: Partial<Record<SyntaxKind, [string, string]>> = {
  [SyntaxKind.LessThanToken]: ["<=", "boundary"],
  [SyntaxKind.LessThanEqualsToken]: ["<", "boundary"],
  [SyntaxKind.GreaterThanToken]: [">=", "boundary"],
  [SyntaxKind.GreaterThanEqualsToken]: [">", "boundary"],
  [SyntaxKind.EqualsEqualsEqualsToken]: ["!==", "equality negated"],
  [SyntaxKind.ExclamationEqualsEqualsToken]: ["===", "equality negated"],
  [SyntaxKind.MinusToken]: ["+", "minus to plus"],
  [SyntaxKind.AsteriskToken]: ["/", "times to by"],
  [SyntaxKind.PlusEqualsToken]: ["-=", "plus to minus"],
  [SyntaxKind.MinusEqualsToken]: ["+=", "minus to plus"],
};

function binaryChanges(node: BinaryExpression, source: SourceFile): TextChange[] {
  const { left, operatorToken: operator, right } = node;
  const { kind } = operator;
  const [start, end] = [left.getStart(source), right.end];
  const textOf = (one: Node) => source.text.slice(one.getStart(source), one.end);
  // What TypeScript alone asks for: no list of texts holds null.
  if (/^(.+) !== null && [\w.]+\.includes\(\1\)$/.test(textOf(node))) return [];
  if (kind === SyntaxKind.AmpersandAmpersandToken || kind === SyntaxKind.BarBarToken)
    return [
      { start, end, replacement: `(${textOf(left)})`, kind: "right operand dropped" },
      { start, end, replacement: `(${textOf(right)})`, kind: "left operand dropped" },
    ];
  const isOfTexts = [left, right].some(
    (one) => is.isStringLiteral(one) || is.isTemplateExpression(one),
  );
  const [replacement, what] =
    kind === SyntaxKind.PlusToken && !isOfTexts ? ["-", "plus to minus"] : (OPERATORS[kind] ?? []);
  if (replacement === undefined || what === undefined) return [];
  return [{ start: operator.getStart(source), end: operator.end, replacement, kind: what }];
}

/** One more or less of a limit in facts, milliseconds or bytes is the same limit. */
const LARGE = 50;

function numberChanges(node: Node, place: { start: number; end: number }, text: string) {
  const isIndex = node.parent && is.isElementAccessExpression(node.parent);
  const value = Number(text.replaceAll("_", ""));
  if (isIndex || !(value < LARGE)) return [];
  const replacement = String(value === 0 ? 1 : value === 1 ? 0 : value + 1);
  return [{ ...place, replacement, kind: "constant" }];
}

/** Methods that put in order or leave something out; and those that have an opposite. */
const DROPPED =
  /^(?:sort|toSorted|reverse|toReversed|filter|trim|toLowerCase|toUpperCase|normalize)$/;
const OPPOSITES = new Map(
  Object.entries({
    ...{ some: "every", every: "some", find: "findLast", findLast: "find" },
    ...{ max: "min", min: "max", floor: "ceil", ceil: "floor", round: "floor" },
    ...{ findIndex: "findLastIndex", findLastIndex: "findIndex", startsWith: "endsWith" },
  }),
);

function callChanges({ expression }: CallExpression, source: SourceFile): TextChange[] {
  if (!is.isPropertyAccessExpression(expression)) return [];
  const { name, expression: of, parent } = expression;
  const textOf = (one: Node) => source.text.slice(one.getStart(source), one.end);
  const word = textOf(name);
  if (DROPPED.test(word) && parent)
    return [{ start: of.end, end: parent.end, replacement: "", kind: `${word} dropped` }];
  const isBound = /^(?:min|max)$/.test(word) && textOf(of) !== "Math";
  const opposite = isBound ? undefined : OPPOSITES.get(word);
  if (opposite === undefined) return [];
  const place = { start: name.getStart(source), end: name.end };
  return [{ ...place, replacement: opposite, kind: `${word} to ${opposite}` }];
}

function templateChanges(node: Node, source: SourceFile): TextChange[] {
  if (!is.isTaggedTemplateExpression(node)) return [];
  const tag = source.text.slice(node.tag.getStart(source), node.tag.end);
  if (!/(?:^|\.)(?:sql|tx|\w*[sS]ql)$/.test(tag)) return [];
  const { template } = node;
  const start = template.getStart(source);
  let text = source.text.slice(start, template.end);
  if (is.isTemplateExpression(template)) {
    let from = template.head.end - 2;
    for (const { literal } of template.templateSpans) {
      const until = literal.getStart(source) + 1;
      text = `${text.slice(0, from - start)}${"¤".repeat(until - from)}${text.slice(until - start)}`;
      from = literal.end - 2;
    }
  }
  return sqlChanges(maskSql(text.slice(1, -1))).map((change) => ({
    ...change,
    start: change.start + start + 1,
    end: change.end + start + 1,
    replacement: change.replacement,
  }));
}
