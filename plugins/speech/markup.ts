/** Soft hyphens, marks of direction, width and presentation: they stand within words. */
const silent = /\p{Cf}|\p{Variation_Selector}/gu;
/** Controls, lone surrogates, private and unassigned characters, which no XML document or voice can use, and pictures. */
const unspeakable = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}]|\p{Extended_Pictographic}|\p{Emoji_Modifier}/gu;

/** Text that can be spoken: in one line, without what has no sound. */
export function speakable(text: string): string {
  return text.replace(silent, '').replace(unspeakable, ' ').replace(/\s+/g, ' ').trim();
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
