import type { ImportedAttribute } from '../imported-product.js';
import { lineOfHtml } from '../values/html.js';
import { readNumber } from '../values/numbers.js';
import { readBoolean } from '../values/words.js';
import type { Mapping } from './mapping.js';
import { displayName, readable } from './readable-names.js';
import type { RowContext } from './row-context.js';
import { named } from './sources.js';
import { elementsIn, plain, type Scope, textIn } from './values-in.js';

type AttributeSpec = Mapping['attributes'][number];
type Type = Extract<AttributeSpec, { prefix: string }>['type'];

/** The attributes that a row states. A value that is not of the type is reported and left out. */
export function attributesIn(
  scope: Scope,
  specs: readonly AttributeSpec[],
  context: RowContext,
): ImportedAttribute[] {
  return specs.flatMap((spec) => {
    if ('prefix' in spec) return prefixed(scope, spec.prefix, spec.type, context);
    if ('columns' in spec) {
      return elementsIn(scope, { columns: spec.columns }).flatMap(({ element }) => {
        const name = displayName(plain(element.name) ?? String(element.column));
        return attributeOf(name, element.value, spec.type, String(element.column), context);
      });
    }
    const scopes = spec.each === undefined ? [scope] : elementsIn(scope, spec.each);
    return scopes.flatMap((each) => {
      const name = typeof spec.name === 'string' ? spec.name : textIn(each, spec.name.source);
      if (name === undefined || spec.except.includes(name)) return [];
      const column = named(spec.source);
      return elementsIn(each, spec.source).flatMap(({ element }) =>
        attributeOf(
          typeof spec.name === 'string' ? name : displayName(name),
          element.value ?? element['#text'] ?? element.label ?? element.name,
          spec.type,
          column,
          context,
        ),
      );
    });
  });
}

function prefixed(scope: Scope, prefix: string, type: Type, context: RowContext): ImportedAttribute[] {
  const found: ImportedAttribute[] = [];
  for (const field of Object.keys(scope.element)) {
    if (!field.startsWith(prefix)) continue;
    const name = readable(field.slice(prefix.length));
    if (name !== '') found.push(...attributeOf(name, scope.element[field], type, field, context));
  }
  return found;
}

function attributeOf(
  name: string,
  value: unknown,
  type: Type,
  column: string,
  context: RowContext,
): ImportedAttribute[] {
  if (Array.isArray(value)) return value.flatMap((each) => attributeOf(name, each, type, column, context));
  if (type === 'text' && (typeof value === 'number' || typeof value === 'boolean')) return [{ name, value }];
  const text = plain(value);
  if (text === undefined) return [];
  if (type === 'text') return [{ name: lineOfHtml(name), value: lineOfHtml(text) }];
  const read = type === 'boolean' ? readBoolean(text) : numberOf(text, context.decimalMark(column));
  if (read !== null) return [{ name, value: read }];
  context.warn(column, text, `is no ${type}; it was left out`);
  return [];
}

function numberOf(text: string, decimal: '.' | ',' | undefined): number | null {
  const exact = Number(text);
  if (Number.isFinite(exact) && decimal !== ',') return exact;
  const number = readNumber(text, decimal);
  return number === null ? null : Number(number.text);
}
