/** Units of measure; the names in a line are one unit. Folded. */
const units = `
v volt volts voltios
w watt watts vatios
a amp amps ampere amperes
ah amperestunden
mb megabyte megabytes
gb gigabyte gigabytes
tb terabyte terabytes
hz hertz
mm millimeter millimetre millimeters
cm centimeter centimetre centimeters centimetros centimetri
m meter metre meters metros metri
in inch inches zoll pouce pouces pulgada pulgadas pollici
ft foot feet
g gr gram grams gramm grammes gramos grammi
kg kilo kilos kilogram kilograms kilogramm
lb lbs pound pounds
oz ounce ounces
ml milliliter millilitre milliliters
l liter litre liters litres litro litros litri`
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

const namesByName = new Map(units.flatMap((names) => names.map((name) => [name, names] as const)));

/** All names of a unit; empty for a word that is none. */
export function unitNames(word: string): readonly string[] {
  return namesByName.get(word) ?? [];
}
