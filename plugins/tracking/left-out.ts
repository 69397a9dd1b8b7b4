const shownMax = 40;
/** Of one message. */
const namedMax = 20;

/** A value of a message that means nothing: it is left out, and its sender is told. */
export interface LeftOut {
  readonly message: string;
  /** In the message as it was sent. */
  readonly path: readonly (string | number)[];
}

export type LeaveOut = (value: unknown, rule: string, path: LeftOut['path']) => void;

/** Adds to a list what is left out. */
export function leaveOutInto(list: LeftOut[]): LeaveOut {
  return (value, rule, path) => {
    if (list.length < namedMax) list.push({ message: `${rule}; ${shown(value)} was not used`, path });
  };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'a value';
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`;
}
