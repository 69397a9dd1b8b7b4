/** Units that voices spell out wrongly, or not at all, and their names in CLDR. */
const units: Readonly<Record<string, string>> = {
  g: 'gram',
  kg: 'kilogram',
  ml: 'milliliter',
  l: 'liter',
  mm: 'millimeter',
  cm: 'centimeter',
  km: 'kilometer',
};

const measure = /(?<![\p{L}\d.,])(\d{1,6}(?:[.,]\d{1,3})?)\s?(g|kg|ml|l|mm|cm|km)(?![\p{L}\d])/giu;

/** Spells out units behind numbers: "500 ml" is "500 millilitres" in British English and "500 Milliliter" in German. */
export function withUnits(text: string, locale: string): string {
  return text.replace(measure, (written, number: string, symbol: string) => {
    const unit = units[symbol.toLowerCase()];
    // A capital letter alone may be a size or a model: "2 G", "Size 4 L".
    if (unit === undefined || /^[GL]$/.test(symbol)) return written;
    try {
      const format = new Intl.NumberFormat(locale, {
        style: 'unit',
        unit,
        unitDisplay: 'long',
        useGrouping: false,
        maximumFractionDigits: 3,
      });
      return format.format(Number(number.replace(',', '.'))).replace(/\s/g, ' ');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return written;
    }
  });
}
