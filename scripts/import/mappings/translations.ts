import type { MappingInput } from '../mapping/mapping.js';
import type { ListSource } from '../mapping/sources.js';

/** Titles and descriptions by locale. `textsOf` is the list of the texts of a field, in whose elements `locale` is the field of the locale. */
export function translationsOf(
  locale: string,
  textsOf: (field: 'name' | 'description') => ListSource,
): NonNullable<MappingInput['translations']> {
  return [
    { each: textsOf('name'), locale: { source: locale }, title: 'value' },
    { each: textsOf('description'), locale: { source: locale }, description: 'value' },
  ];
}
