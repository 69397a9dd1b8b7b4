/** Lets what is given to it run one after the other, in the order of asking. */
export type Mutex = <T>(run: () => Promise<T> | T) => Promise<T>;

export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
}
