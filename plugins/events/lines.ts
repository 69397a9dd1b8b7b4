/**
 * Divides elements into lines: those that share a name are in one line, directly or through others, in their order. Lines
 * may be worked on side by side.
 */
export function linesOf<E>(elements: readonly E[], namesOf: (element: E) => readonly string[]): E[][] {
  const leaders = new Map<string, string>();

  function leaderOf(name: string): string {
    let leader = name;
    for (let up = leaders.get(leader); up !== undefined && up !== leader; up = leaders.get(leader))
      leader = up;
    leaders.set(name, leader);
    return leader;
  }

  for (const element of elements) {
    const [first, ...others] = namesOf(element);
    if (first === undefined) continue;
    for (const other of others) leaders.set(leaderOf(other), leaderOf(first));
  }
  const lines = new Map<string, E[]>();
  for (const element of elements) {
    const leader = leaderOf(namesOf(element)[0] ?? '');
    const line = lines.get(leader);
    if (line) line.push(element);
    else lines.set(leader, [element]);
  }
  return [...lines.values()];
}

/** Works on all items, at most so many at the same time. */
export async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length) await work(items[next++]!);
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
