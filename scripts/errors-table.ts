import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { errorKinds } from '../src/errors.js';
import { projectDirectory } from '../src/project-directory.js';

const codeShape = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
const kinds: ReadonlySet<string> = new Set(errorKinds);
const messageMax = 160;

interface ErrorRow {
  readonly code: string;
  /** null: it comes as a `userErrors` entry of a payload, or its kind is set elsewhere. */
  readonly kind: string | null;
  readonly message: string;
}

/** The codes of errors that callers can get, from the source: what is passed to `RapportError`, `userError` and functions that make them. */
export function errorRows(): ErrorRow[] {
  const rows = new Map<string, ErrorRow>();
  for (const folder of ['src', 'plugins']) {
    const names = readdirSync(join(projectDirectory(), folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((each) => each.endsWith('.ts') && !each.includes('browser')).sort()) {
      const path = join(projectDirectory(), folder, name);
      const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
      for (const row of rowsOf(source)) {
        const known = rows.get(row.code);
        // The first message stands for all, and a kind is better than none.
        if (!known || (known.kind === null && row.kind !== null)) rows.set(row.code, row);
      }
    }
  }
  return [...rows.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

function rowsOf(source: ts.SourceFile): ErrorRow[] {
  const makers = makersIn(source);
  const rows: ErrorRow[] = [];
  function visit(node: ts.Node): void {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const callee = node.expression.getText(source);
      const isError = ts.isNewExpression(node) && callee === 'RapportError';
      if (isError || callee === 'userError' || callee === 'Refusal' || makers.has(callee)) {
        const texts = (node.arguments ?? []).map(textOf);
        const at = texts.findIndex((text) => text !== null && codeShape.test(text));
        if (at >= 0) {
          const kind = isError ? texts[0]! : (makers.get(callee) ?? null);
          const message = texts.slice(at + 1).find((text) => text?.includes(' ')) ?? '';
          rows.push({ code: texts[at]!, kind: kind !== null && kinds.has(kind) ? kind : null, message });
        }
      }
    } else if (ts.isObjectLiteralExpression(node)) {
      const fields = new Map(
        node.properties.flatMap((property) =>
          ts.isPropertyAssignment(property)
            ? [[property.name.getText(source), textOf(property.initializer)] as const]
            : [],
        ),
      );
      const [code, kind] = [fields.get('code'), fields.get('kind')];
      if (code && codeShape.test(code) && (kind || fields.get('message')))
        rows.push({ code, kind: kind ?? null, message: fields.get('message') ?? '' });
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return rows;
}

/** Functions of a file that return a RapportError with a code that is passed to them, with its kind. */
function makersIn(source: ts.SourceFile): ReadonlyMap<string, string> {
  const makers = new Map<string, string>();
  for (const statement of source.statements) {
    if (!ts.isFunctionDeclaration(statement) || !statement.name) continue;
    const made = /new RapportError\(\s*'(\w+)',\s*[^'\s]/.exec(statement.getText(source));
    if (made) makers.set(statement.name.text, made[1]!);
  }
  return makers;
}

/** A literal as text, with `…` for what is computed; null for anything else. */
function textOf(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('');
  return null;
}

export function errorsTable(): string {
  const rows = errorRows().map(({ code, kind, message }) => {
    const short = message.length > messageMax ? `${message.slice(0, messageMax)}…` : message;
    return `| \`${code}\` | ${kind ?? ''} | ${short.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`;
  });
  return ['| code | kind | message |', '| --- | --- | --- |', ...rows].join('\n');
}
