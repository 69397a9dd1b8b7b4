/** A growing list of distinct values and the number of each. */
export function createNumbering(): { readonly values: string[]; numberOf(value: string): number } {
  const values: string[] = [];
  const numbers = new Map<string, number>();
  return {
    values,
    numberOf(value) {
      let number = numbers.get(value);
      if (number === undefined) {
        number = values.length;
        numbers.set(value, number);
        values.push(value);
      }
      return number;
    },
  };
}
