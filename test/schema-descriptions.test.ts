import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type DefinitionNode, Kind, parse } from 'graphql';

const folder = join(import.meta.dirname, '..', 'schema');

/** The types, arguments and enum values of a definition that have no description. */
function undescribed(definition: DefinitionNode): string[] {
  if (!('name' in definition) || !definition.name || definition.kind === Kind.DIRECTIVE_DEFINITION) return [];
  const { value: name } = definition.name;
  const isType = definition.kind.endsWith('TypeDefinition');
  const own = isType && !('description' in definition && definition.description) ? [name] : [];
  const values = 'values' in definition ? (definition.values ?? []) : [];
  const fields = 'fields' in definition ? (definition.fields ?? []) : [];
  return [
    ...own,
    ...values.filter(({ description }) => !description).map((value) => `${name}.${value.name.value}`),
    ...fields.flatMap((field) =>
      'arguments' in field
        ? (field.arguments ?? [])
            .filter(({ description }) => !description)
            .map((argument) => `${name}.${field.name.value}(${argument.name.value})`)
        : [],
    ),
  ];
}

describe('The schema', () => {
  it('describes every type, argument and enum value', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
    const found = names.flatMap((name) =>
      parse(readFileSync(join(folder, name), 'utf8')).definitions.flatMap(undescribed),
    );
    expect(found).to.deep.equal([]);
  });

  it('would notice one that is not described', () => {
    const { definitions } = parse(
      'type A { b(c: Int): Int } "E" enum E { F } extend type G { h("i" i: Int, j: Int): Int }',
    );
    expect(definitions.flatMap(undescribed)).to.deep.equal(['A', 'A.b(c)', 'E.F', 'G.h(j)']);
  });
});
