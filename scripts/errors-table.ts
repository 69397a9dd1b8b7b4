import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { errorKinds } from '../src/errors.js';
import { projectDirectory } from '../src/project-directory.js';
import { createTexts, type Scope } from './source-texts.js';

const codeShape = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
const kinds: ReadonlySet<string> = new Set(errorKinds);
const messageMax = 160;
const unknownMessage = 'Names what is wrong and what is allowed.';

/** The places of arguments that errors are made of, by function or class. */
const makers: Readonly<
  Record<string, { readonly kind?: number; readonly code: number; readonly message: number }>
> = {
  RapportError: { kind: 0, code: 1, message: 2 },
  Refusal: { code: 1, message: 2 },
  userError: { code: 0, message: 1 },
};

interface ErrorRow {
  readonly code: string;
  /** null: it comes as a `userErrors` entry of a payload, or its kind is set elsewhere. */
  readonly kind: string | null;
  /** null: the source has no text of it, as of faults that zod reports. */
  readonly message: string | null;
  /** True for an object within a plugin, which may get the prefix of its code later. */
  readonly isPart: boolean;
}

interface MadeError {
  readonly code: ts.Expression;
  readonly kind: ts.Expression | undefined;
  readonly message: ts.Expression | undefined;
  readonly isObject: boolean;
}

/** The codes of errors that callers can get, from the source: of `RapportError`, `userError` and objects with a code. */
function errorRows(): ErrorRow[] {
  const sources = ['src', 'plugins'].flatMap((folder) =>
    readdirSync(join(projectDirectory(), folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('browser'))
      .sort()
      .map((name) => {
        const path = join(projectDirectory(), folder, name);
        return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
      }),
  );
  const texts = createTexts(sources);
  const rows = new Map<string, ErrorRow>();

  /** Adds an error as it is in a scope. False if its code is not known there. */
  function add({ code, kind, message, isObject }: MadeError, scope: Scope): boolean {
    const codes = texts.of(code, scope).filter((text) => codeShape.test(text));
    const ownKind = kind && texts.of(kind, scope).find((text) => kinds.has(text));
    const ownMessage = message && texts.of(message, scope).find(isSentence);
    for (const each of codes) {
      const known = rows.get(each);
      rows.set(each, {
        code: each,
        kind: known?.kind ?? ownKind ?? null,
        message: known?.message ?? ownMessage ?? null,
        isPart: (known?.isPart ?? true) && isObject,
      });
    }
    return codes.length > 0;
  }

  function visit(node: ts.Node): void {
    const made = madeBy(node);
    // A function that gets the code as a parameter makes an error for each of its calls.
    if (made && !add(made, texts.outermost)) for (const scope of texts.scopesOf(node)) add(made, scope);
    ts.forEachChild(node, visit);
  }
  for (const source of sources) visit(source);
  const all = [...rows.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  return all.filter(({ code, isPart }) => !isPart || !all.some((other) => other.code.endsWith(`_${code}`)));
}

function madeBy(node: ts.Node): MadeError | null {
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
    const places = makers[node.expression.getText()];
    const code = places && node.arguments?.[places.code];
    if (!code) return null;
    const { kind, message } = places;
    return {
      code,
      kind: kind === undefined ? undefined : node.arguments[kind],
      message: node.arguments[message],
      isObject: false,
    };
  }
  if (!ts.isObjectLiteralExpression(node)) return null;
  const fields = new Map(
    node.properties.flatMap((property): [string, ts.Expression][] => {
      if (ts.isPropertyAssignment(property)) return [[property.name.getText(), property.initializer]];
      return ts.isShorthandPropertyAssignment(property) ? [[property.name.text, property.name]] : [];
    }),
  );
  const [code, kind, message] = ['code', 'kind', 'message'].map((name) => fields.get(name));
  if (!code || !(kind || message)) return null;
  return { code, kind, message: message ?? messageOfGraphQL(node), isObject: true };
}

/** The message of a GraphQLError that has this object as its extensions. */
function messageOfGraphQL({ parent: { parent: options } }: ts.Node): ts.Expression | undefined {
  const made = options?.parent;
  return made && ts.isNewExpression(made) ? made.arguments?.[0] : undefined;
}

/** False for a text that is little more than what is computed, such as "id …". */
function isSentence(text: string): boolean {
  return !text.includes('…') || (text.match(/[a-z]{2,}/gi) ?? []).length >= 3;
}

export function errorsTable(): string {
  const rows = errorRows().map(({ code, kind, message: known }) => {
    const message = known ?? unknownMessage;
    const short = message.length > messageMax ? `${message.slice(0, messageMax)}…` : message;
    return `| \`${code}\` | ${kind ?? ''} | ${short.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`;
  });
  return ['| code | kind | message |', '| --- | --- | --- |', ...rows].join('\n');
}
