/** The same few fields come in every row. */
const readableNames = new Map<string, string>();
const readableNamesMax = 20_000;

/** `thermal_design_power__tdp_` reads "Thermal design power (tdp)": a double underscore opens and closes a bracket. */
export function readable(field: string): string {
  const known = readableNames.get(field);
  if (known !== undefined) return known;
  const name = field
    .replace(/__(.*?)(?:__|_$)/g, ' ($1) ')
    .replaceAll(/[_\s]+/g, ' ')
    .replaceAll('( ', '(')
    .replaceAll(' )', ')')
    .trim();
  const made = name.charAt(0).toUpperCase() + name.slice(1);
  if (readableNames.size < readableNamesMax) readableNames.set(field, made);
  return made;
}

/** A name for shoppers: a code in lower case, such as `eco_collection`, is made readable; another name stays as it is. */
export function displayName(name: string): string {
  return /^[a-z][a-z\d_]*$/.test(name) ? readable(name) : name;
}
