/** The place and moment of a preview, as a form of the page has them. */
export interface Place {
  readonly channel?: string;
  readonly locale?: string;
  readonly storeId?: string;
  readonly currency?: string;
}

/** As the schema's `ShopperContext`. */
export type ShopperContext = Readonly<Record<string, string | boolean>>;

/** A visitor without a history: the console names no session and no customer. */
export function contextOf({ channel, locale, storeId, currency }: Place): ShopperContext {
  return {
    channel: channel || 'WEB',
    ...(locale && { locale }),
    ...(storeId && { storeId }),
    ...(currency && { currency }),
  };
}

/** A moment of a `datetime-local` control, in the time zone of the browser; null for an empty one. */
export const momentOf = (local: string | undefined): string | null =>
  local ? new Date(local).toISOString() : null;

/** A moment for a `datetime-local` control. */
export function localOf(moment: string | null | undefined): string {
  if (!moment) return '';
  const date = new Date(moment);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** A moment as the browser's user reads it. */
export const shownMoment = (moment: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));

/** Entries of a text, between commas. */
export const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
