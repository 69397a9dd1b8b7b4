/** A value that was sent as a moment and is none: an invalid date that knows what was received, for error messages. */
export class UnreadMoment extends Date {
  readonly received: unknown;

  constructor(received: unknown) {
    super(Number.NaN);
    this.received = received;
  }
}

/** An item of a list that its input type does not read. It stands in a field of the item, so that the rest of the list can be read. */
export class UnreadItem extends UnreadMoment {}

/** An item of a list of an input type that is `@checkedByItem`, as it was sent if its type does not read it. */
export function itemAsSent(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  for (const name in item) {
    const value = (item as Readonly<Record<string, unknown>>)[name];
    if (value instanceof UnreadItem) return value.received;
  }
  return item;
}
