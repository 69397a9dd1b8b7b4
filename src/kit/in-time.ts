/** Resolves to null if a promise takes longer than `timeMs`; rejects as the promise does. */
export function inTime<T>(
  clock: { after(delayMs: number, run: () => void): () => void },
  timeMs: number,
  work: Promise<T>,
): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeMs, () => resolve(null));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
