/** A value that was sent as a moment and is none: an invalid date that knows what was received, for error messages. */
export class UnreadMoment extends Date {
  readonly received: unknown;

  constructor(received: unknown) {
    super(Number.NaN);
    this.received = received;
  }
}
