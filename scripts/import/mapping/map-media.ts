import type { ImportedMedia } from '../imported-product.js';
import type { Mapping } from './mapping.js';
import type { RowContext } from './row-context.js';
import { fieldsOf, named, type Source } from './sources.js';
import { columnIn, elementsIn, plain, type Scope, textIn } from './values-in.js';

type ImageSpec = Mapping['images'][number];

/** The fields that shop systems have the address of a picture in. */
const addressFields = [
  'value',
  'src',
  'url',
  'href',
  '@href',
  'link',
  'image',
  'original_src',
  'originalSrc',
  '#text',
] as const;

/** The images that a row states, in its order, each address once. */
export function imagesIn(
  scope: Scope,
  specs: readonly ImageSpec[],
  base: string | undefined,
  context: RowContext,
): ImportedMedia[] {
  const found = new Map<string, ImportedMedia>();
  for (const spec of specs) {
    for (const image of imagesOf(scope, spec, base, context))
      if (!found.has(image.url)) found.set(image.url, image);
  }
  return [...found.values()];
}

function imagesOf(
  scope: Scope,
  spec: ImageSpec,
  base: string | undefined,
  context: RowContext,
): ImportedMedia[] {
  const withFields = typeof spec === 'object' && 'url' in spec ? spec : null;
  const list = withFields?.each ?? (spec as Exclude<ImageSpec, { url: Source }>);
  return elementsIn(scope, list).flatMap((each) => {
    const text = withFields ? textIn(each, withFields.url) : addressIn(each.element);
    if (text === undefined) {
      if (!withFields && Object.keys(each.element).length > 0 && !('value' in each.element))
        context.warn(
          named(list),
          JSON.stringify(each.element),
          'has no address of a picture; it was left out',
        );
      return [];
    }
    const column = String(each.element.column ?? fieldsOf(list)[0] ?? named(list));
    const url = addressOf(text, base, column, context);
    const alt = withFields ? textIn(each, withFields.alt) : plain(each.element.alt);
    return url === null ? [] : [{ url, ...(alt === undefined ? {} : { alt }) }];
  });
}

/** One image; undefined if none is stated. */
export function imageIn(
  scope: Scope,
  from: Source | undefined,
  base: string | undefined,
  context: RowContext,
): ImportedMedia | undefined {
  const text = textIn(scope, from);
  if (text === undefined) return undefined;
  const url = addressOf(text, base, columnIn(scope, from!), context);
  return url === null ? undefined : { url };
}

function addressIn(element: Scope['element']): string | undefined {
  for (const field of addressFields) {
    const text = plain(element[field]);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** An address that can be saved: blanks and quotes are encoded, a relative one is put behind the base. Null if it is none. */
function addressOf(
  text: string,
  base: string | undefined,
  column: string,
  context: RowContext,
): string | null {
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(text)) {
    context.warn(column, text, 'is no http or https address; the picture was left out');
    return null;
  }
  const encoded = text.replace(/[\s<>"\p{Cc}]/gu, (character) => encodeURIComponent(character));
  if (encoded !== text) context.warn(column, text, `is no address as it stands; "${encoded}" was taken`);
  if (base === undefined || /^(?:https?:)?\/\//i.test(encoded)) return encoded;
  return `${base.replace(/\/$/, '')}/${encoded.replace(/^\//, '')}`;
}
