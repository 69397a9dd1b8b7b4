export type Progress = (line: string) => void;

interface Learner<Learned> {
  learn(): Generator<{ readonly stage: string; readonly done: number }, Learned>;
  use(learned: Learned): void;
}

/** Lets a model learn and takes what it learned into use; CPU seconds. */
export async function learnAloud<Learned>(model: Learner<Learned>, progress: Progress): Promise<number> {
  const before = process.cpuUsage();
  const learning = model.learn();
  let shown = '';
  for (;;) {
    const step = learning.next();
    if (step.done) {
      model.use(step.value);
      break;
    }
    const line = `learning ${step.value.stage} ${Math.floor(step.value.done * 10) * 10} %`;
    if (line !== shown) progress(line);
    shown = line;
  }
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / 1e6;
}

/** The result of steps, at once. */
export function finished<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
