/** Expressions of a mapping see so many characters of a text: the time of one may grow with the square of its length. */
export const matchedMax = 2_000;

const compiled = new Map<string, RegExp>();

/** The only place that makes an expression of a text: that of a mapping, which is the operator's own. */
export function regular(text: string): RegExp {
  let made = compiled.get(text);
  if (made === undefined) {
    made = new RegExp(text, 'u');
    compiled.set(text, made);
  }
  return made;
}
