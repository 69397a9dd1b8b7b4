import type { ReadRow, Row } from './rows.js';

/** The rows with fields in snake case: "Item Group ID" is `item_group_id`. */
export async function* withSnakeNames(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow> {
  const known = new Map<string, string>();
  const snake = (name: string) => {
    let made = known.get(name);
    if (made === undefined) {
      made = name
        .replace(/^[gc]:/, '')
        .trim()
        .toLowerCase()
        .replace(/[\s-]+/g, '_');
      known.set(name, made);
    }
    return made;
  };
  let columns: readonly string[] | undefined;
  let renamed: readonly string[] = [];
  for await (const each of rows) {
    if ('error' in each) {
      yield each;
      continue;
    }
    const row: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(each.row)) row[snake(name)] ??= value;
    if (each.columns !== columns) {
      columns = each.columns;
      renamed = (columns ?? []).map(snake);
    }
    yield { ...each, row: row as Row, ...(columns ? { columns: renamed } : {}) };
  }
}
