import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { analyse } from 'scslre';
import ts from 'typescript';
import { projectDirectory } from '../src/project-directory.js';

const root = projectDirectory();

interface Found {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** Most files need not be parsed: a literal begins behind punctuation or a keyword, and its first character is no space. */
const mayHoldExpression =
  /\bRegExp\b|(?:[(,=:[!&|?{};+\-*%~^<>\n]|\b(?:return|case|typeof|await|yield)\b) *\/[^*/\s]/;

/** All regular expressions of a file; `made`: where one is made from a text, which cannot be checked. */
function expressionsOf(path: string): {
  readonly literals: readonly Found[];
  readonly made: readonly string[];
} {
  const text = readFileSync(join(root, path), 'utf8');
  const literals: Found[] = [];
  const made: string[] = [];
  if (!mayHoldExpression.test(text)) return { literals, made };
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  function visit(node: ts.Node): void {
    const where = `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      literals.push({ where, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    } else if (
      (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
      node.expression.getText() === 'RegExp'
    )
      made.push(where);
    ts.forEachChild(node, visit);
  }
  visit(file);
  return { literals, made };
}

function faultsOf({ where, source, flags }: Found): string[] {
  return analyse({ source, flags }).reports.map(
    ({ type, exponential }) =>
      `${where}: /${source.slice(0, 60)}/ takes ${exponential ? 'exponential' : 'quadratic'} time (${type})`,
  );
}

/** Expressions in the mappings of an import are data of the operator; those that the project maintains are checked with their mappings. */
const madeOfData = /^scripts\/import\/mapping\/expressions\.ts:\d+$/;

describe('Regular expressions', () => {
  const files = ['src', 'plugins', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[jt]s$/.test(name))
      .map((name) => join(folder, name)),
  );
  let all: readonly ReturnType<typeof expressionsOf>[];
  before(() => {
    all = files.map(expressionsOf);
  });

  it('are literals, so that they can be checked', () => {
    const made = all.flatMap((found) => found.made).filter((where) => !madeOfData.test(where));
    expect(made).to.deep.equal([]);
    const ofMappings = all.flatMap((found) => found.made).filter((where) => madeOfData.test(where));
    expect(ofMappings).to.have.length(1);
  });

  it('take time linear in the text they read', () => {
    const literals = all.flatMap((found) => found.literals);
    expect(literals.length).to.be.above(100);
    expect(literals.flatMap(faultsOf)).to.deep.equal([]);
  });

  it('that take longer would be found', () => {
    for (const source of ['^(a+)+$', '\\s+$', '^\\d+\\w*!'])
      expect(faultsOf({ where: 'here', source, flags: '' }), source).not.to.deep.equal([]);
  });
});
