import ts from 'typescript';

/** The expressions that parameters stand for in one call, each with the scope that it is read in. */
export interface Scope {
  readonly bound: ReadonlyMap<string, readonly [ts.Expression, Scope]>;
}

/** The texts that expressions of a program can have, with `…` for what is computed. */
export interface Texts {
  readonly outermost: Scope;
  of(node: ts.Expression, scope: Scope): readonly string[];
  /** A scope for each call of the functions around a node. */
  scopesOf(node: ts.Node): readonly Scope[];
}

type NamedFunction = ts.FunctionDeclaration | ts.ArrowFunction;

const unknown: readonly string[] = ['…'];

export function createTexts(sources: readonly ts.SourceFile[]): Texts {
  const outermost: Scope = { bound: new Map() };
  const exported = new Map<string, NamedFunction>();
  const calls = new Map<string, ts.CallExpression[]>();
  for (const source of sources) {
    for (const statement of source.statements)
      if (ts.isFunctionDeclaration(statement) && statement.name && isExported(statement))
        exported.set(statement.name.text, statement);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const name = node.expression.text;
        calls.set(name, [...(calls.get(name) ?? []), node]);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }

  /** Expressions that are being read: a recursive function has no text of its own. */
  const reading = new Set<ts.Expression>();

  function of(node: ts.Expression, scope: Scope): readonly string[] {
    if (reading.has(node)) return unknown;
    reading.add(node);
    const texts = textsOf(node, scope);
    reading.delete(node);
    return texts;
  }

  function textsOf(node: ts.Expression, scope: Scope): readonly string[] {
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isNumericLiteral(node)) return [Number(node.text).toLocaleString('en')];
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return of(node.expression, scope);
    if (ts.isConditionalExpression(node)) return [...of(node.whenTrue, scope), ...of(node.whenFalse, scope)];
    if (ts.isBinaryExpression(node) && isEither(node.operatorToken.kind))
      return [...of(node.left, scope), ...of(node.right, scope)];
    if (ts.isTemplateExpression(node)) {
      const spans = node.templateSpans.map(
        ({ expression, literal }) => only(of(expression, scope)) + literal.text,
      );
      return [(node.head.text + spans.join('')).replace(/…+/g, '…')];
    }
    if (ts.isIdentifier(node)) {
      const bound = scope.bound.get(node.text);
      if (bound) return of(...bound);
      const declared = declarationOf(node);
      return declared && !isFunction(declared) ? of(declared, scope) : unknown;
    }
    if (ts.isCallExpression(node)) {
      const called = functionOf(node.expression, scope);
      const texts = called ? returned(called).flatMap((each) => of(each, outermost)) : unknown;
      return texts.includes('…') ? unknown : texts;
    }
    return unknown;
  }

  function functionOf(node: ts.Expression, scope: Scope): NamedFunction | null {
    if (ts.isArrowFunction(node)) return node;
    if (!ts.isIdentifier(node)) return null;
    const bound = scope.bound.get(node.text);
    if (bound) return functionOf(...bound);
    const declared = declarationOf(node) ?? exported.get(node.text);
    return declared && isFunction(declared) ? declared : null;
  }

  function scopesOf(node: ts.Node): readonly Scope[] {
    const scopes: Scope[] = [];
    for (let around = node.parent; around; around = around.parent) {
      const name = isFunction(around) ? nameOf(around) : null;
      if (name === null || !isFunction(around)) continue;
      const { parameters } = around;
      const own = (calls.get(name) ?? []).filter((call) => functionOf(call.expression, outermost) === around);
      for (const call of own)
        scopes.push({
          bound: new Map(
            parameters.flatMap(({ name: parameter }, i): [string, [ts.Expression, Scope]][] => {
              const argument = call.arguments[i];
              return argument && ts.isIdentifier(parameter) ? [[parameter.text, [argument, outermost]]] : [];
            }),
          ),
        });
    }
    return scopes;
  }

  return { outermost, of, scopesOf };
}

function only(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : '…';
}

function isEither(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;
}

function isExported(statement: ts.FunctionDeclaration): boolean {
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function isFunction(node: ts.Node): node is NamedFunction {
  return ts.isFunctionDeclaration(node) || ts.isArrowFunction(node);
}

function nameOf(node: NamedFunction): string | null {
  if (ts.isFunctionDeclaration(node)) return node.name?.text ?? null;
  return ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)
    ? node.parent.name.text
    : null;
}

/** The function or the value of the `const` that a name stands for in its file; null for a parameter or an import. */
function declarationOf(name: ts.Identifier): NamedFunction | ts.Expression | null {
  for (let around: ts.Node = name.parent; around; around = around.parent) {
    if (isFunction(around) && around.parameters.some(({ name: own }) => own.getText() === name.text))
      return null;
    if (!ts.isBlock(around) && !ts.isSourceFile(around) && !ts.isCaseOrDefaultClause(around)) continue;
    for (const statement of around.statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name?.text === name.text) return statement;
      if (!ts.isVariableStatement(statement)) continue;
      const { declarations } = statement.declarationList;
      const found = declarations.find((declaration) => declaration.name.getText() === name.text);
      if (found) return found.initializer ?? null;
    }
  }
  return null;
}

/** The expressions that a function returns. */
function returned({ body }: NamedFunction): readonly ts.Expression[] {
  if (!body) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
    else if (!isFunction(node)) ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}
