import ts from 'typescript';

/** A small change of one place in a file. */
export interface Mutant {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

const swapped: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [ts.SyntaxKind.LessThanToken, ['<=', '>=']],
  [ts.SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [ts.SyntaxKind.GreaterThanToken, ['>=', '<=']],
  [ts.SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [ts.SyntaxKind.PlusToken, ['-']],
  [ts.SyntaxKind.MinusToken, ['+']],
  [ts.SyntaxKind.AsteriskToken, ['/']],
  [ts.SyntaxKind.SlashToken, ['*']],
  [ts.SyntaxKind.AmpersandAmpersandToken, ['||']],
  [ts.SyntaxKind.BarBarToken, ['&&']],
  [ts.SyntaxKind.PlusEqualsToken, ['-=']],
  [ts.SyntaxKind.MinusEqualsToken, ['+=']],
]);

/**
 * All mutants of a file: numbers made three times as large and as small, comparisons and operators swapped, conditions that always or
 * never hold, calls and entries of lists and objects left out. Texts stay, since wording is not what these tests are about.
 */
export function mutantsOf(path: string, text: string): Mutant[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const found: Mutant[] = [];

  function add(node: ts.Node, ...replacements: readonly string[]): void {
    const start = node.getStart(file);
    const before = text.slice(start, node.end);
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    for (const after of replacements)
      if (after !== before) found.push({ path, line, start, end: node.end, before, after });
  }

  /** With the comma behind it, so that what is left can be parsed. */
  function leaveOut(node: ts.Node): void {
    const start = node.getStart(file);
    const rest = /^\s*,/.exec(text.slice(node.end))?.[0].length ?? 0;
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    found.push({ path, line, start, end: node.end + rest, before: text.slice(start, node.end), after: '' });
  }

  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isNumericLiteral(node)) add(node, ...numbersBeside(Number(node.text.replaceAll('_', ''))));
    else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    else if (ts.isBinaryExpression(node)) {
      add(node.operatorToken, ...(swapped.get(node.operatorToken.kind) ?? []));
      if (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) add(node, node.left.getText(file));
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
      add(node, node.operand.getText(file));
    else if (ts.isIfStatement(node)) add(node.expression, 'true', 'false');
    else if (ts.isConditionalExpression(node)) add(node.condition, 'true', 'false');
    else if (ts.isExpressionStatement(node)) add(node, ';');
    else if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) leaveOut(node);
    else if (ts.isArrayLiteralExpression(node) && node.elements.length > 1) leaveOut(node.elements.at(-1)!);
    ts.forEachChild(node, visit);
  }

  visit(file);
  return found;
}

/** One and nought are most often indexes and units: their neighbours are the likely mistake. */
function numbersBeside(value: number): readonly string[] {
  if (value === 0) return ['1'];
  if (value === 1) return ['0', '2'];
  return [String(value * 3), String(value / 3)];
}

export function applied(text: string, { start, end, after }: Mutant): string {
  return text.slice(0, start) + after + text.slice(end);
}
