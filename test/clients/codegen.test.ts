import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import { expect } from 'chai';
import { type GraphQLSchema, parse, printSchema, validate } from 'graphql';
import ts from 'typescript';
import { plugins } from '../../plugins/index.js';
import { examples } from '../../src/gateway/examples.js';
import { buildGraph } from '../../src/gateway/graph.js';
import { projectDirectory } from '../../src/project-directory.js';
import { createPlugins } from '../support/boot.js';

const root = projectDirectory();
const pluginMap = {
  typescript,
  'typescript-operations': operations,
  'typed-document-node': typedDocumentNode,
};

interface Configuration {
  readonly generates: Readonly<
    Record<
      string,
      { readonly plugins: readonly (keyof typeof pluginMap)[]; readonly config: Record<string, unknown> }
    >
  >;
}

/** The code of a shop, which compiles only if the generated types are the ones that it needs. */
const use = `
import { HomeDocument, type HomeQuery, type PriceInput, type Scalars, type ShopperContext, ViewDocument } from './graphql.js';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Item = NonNullable<NonNullable<HomeQuery['shopper']>['recommendations']>['items'][number];
type Price = NonNullable<Item['product']['price']>;
export const amount: Same<Price['amount'], string> = true;
export const currency: Same<Price['currency'], string> = true;
export const moment: Same<Scalars['DateTime']['output'], string> = true;
export const json: Same<Scalars['JSON']['output'], unknown> = true;
export const decimal: Same<Scalars['Decimal'], { input: string | number; output: string }> = true;
export const context: ShopperContext = { channel: 'WEB', currency: 'EUR', locale: 'de-CH', at: '2026-03-01T12:00:00Z' };
export const price: PriceInput = { amount: '12.50', currency: 'EUR' };

declare function query<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
export async function titles(): Promise<string[]> {
  const { shopper } = await query(HomeDocument, {});
  await query(ViewDocument, { product: 'p-1', message: 'm-1' });
  return shopper?.recommendations?.items.map(({ product }) => product.title) ?? [];
}
`;

describe('Code generation with the configuration of the guide', () => {
  let schema: GraphQLSchema;
  before(async () => {
    const created = await createPlugins(plugins);
    schema = buildGraph(join(root, 'schema'), created.plugins);
  });

  it('has only operations that the schema allows', () => {
    const guide = readFileSync(join(root, 'schema', 'README.md'), 'utf8');
    const shown = [...guide.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text]) => text!);
    expect(shown.length).to.be.greaterThan(2);
    for (const text of shown)
      expect(
        validate(schema, parse(text)).map(({ message }) => message),
        text,
      ).to.deep.equal([]);
  });

  it('types money as strings and every scalar as something that TypeScript can use', async function () {
    this.timeout(60_000);
    const configuration = JSON.parse(
      readFileSync(join(root, 'test', 'clients', 'snippets', 'codegen.json'), 'utf8'),
    ) as Configuration;
    const [[file, output]] = Object.entries(configuration.generates) as [
      [string, Configuration['generates'][string]],
    ];
    const generated = await codegen({
      filename: file,
      schema: parse(printSchema(schema)),
      documents: examples.map(({ query }, n) => ({ location: `${n}.graphql`, document: parse(query) })),
      config: output.config,
      plugins: output.plugins.map((name) => ({ [name]: {} })),
      pluginMap,
    });
    const folder = mkdtempSync(join(root, 'test', 'clients', 'generated-'));
    try {
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      writeFileSync(join(folder, 'graphql.ts'), generated);
      writeFileSync(join(folder, 'use.ts'), use);
      expect(faultsOf([join(folder, 'graphql.ts'), join(folder, 'use.ts')])).to.deep.equal([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function faultsOf(files: readonly string[]): string[] {
  const program = ts.createProgram(files, {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
