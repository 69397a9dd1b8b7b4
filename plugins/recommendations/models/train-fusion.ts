import { type FusionWeights, leak } from './fusion-net.js';

/** Questions to learn from: for each its candidates' features, which candidate came next, and its context. */
export interface Lessons {
  readonly featureCount: number;
  readonly contextCount: number;
  features: Float32Array;
  contexts: Float32Array;
  /** Where each question's candidates begin; one more than there are questions. */
  starts: Int32Array;
  /** Which of the question's candidates came next. */
  targets: Int32Array;
  count: number;
}

export interface TrainingOptions {
  readonly hidden: number;
  readonly epochs: number;
  readonly rate: number;
  readonly batch: number;
  readonly seed: number;
  readonly heldOut: number;
}

/**
 * Learns the fusion by listwise softmax cross-entropy with Adam. Yields after every batch, so that a caller that
 * serves at the same time can take turns. The epoch that ranks the held-out last questions best wins.
 */
export function* trainFusion(lessons: Lessons, options: TrainingOptions): Generator<string, FusionWeights> {
  const { featureCount: F, contextCount: C } = lessons;
  const H = options.hidden;
  const random = seeded(options.seed);
  const fm = moments(lessons.features, lessons.starts[lessons.count]!, F);
  const cm = moments(lessons.contexts, lessons.count, C);
  // One flat vector: straight F | candidate H×F | context H×C | bias H | output H
  const size = F + H * F + H * C + 2 * H;
  const theta = new Float32Array(size);
  const oW = F,
    oC = oW + H * F,
    oB = oC + H * C,
    oU = oB + H;
  for (let i = 0; i < H * F; i++) theta[oW + i] = gauss(random) * Math.sqrt(1 / (F + C));
  for (let i = 0; i < H * C; i++) theta[oC + i] = gauss(random) * Math.sqrt(1 / (F + C));
  for (let i = 0; i < H; i++) theta[oU + i] = gauss(random) * 0.3;
  for (let i = 0; i < 8; i++) theta[i] = 0.2;
  const grad = new Float64Array(size);
  const m1 = new Float64Array(size),
    m2 = new Float64Array(size);
  const held = Math.floor(lessons.count * options.heldOut);
  const training = lessons.count - held;
  const order = Int32Array.from({ length: training }, (_, i) => i);
  let longest = 0;
  for (let q = 0; q < lessons.count; q++)
    longest = Math.max(longest, lessons.starts[q + 1]! - lessons.starts[q]!);
  const x = new Float32Array(longest * F);
  const z = new Float32Array(longest * H);
  const c = new Float32Array(C);
  const scores = new Float64Array(longest);
  const base = new Float32Array(H);

  const forward = (q: number): number => {
    const from = lessons.starts[q]!;
    const n = lessons.starts[q + 1]! - from;
    for (let i = 0; i < C; i++) c[i] = (lessons.contexts[q * C + i]! - cm.mean[i]!) * cm.scale[i]!;
    for (let h = 0; h < H; h++) {
      let s = theta[oB + h]!;
      for (let i = 0; i < C; i++) s += theta[oC + h * C + i]! * c[i]!;
      base[h] = s;
    }
    for (let k = 0; k < n; k++) {
      const row = (from + k) * F;
      const xr = k * F;
      let score = 0;
      for (let i = 0; i < F; i++) {
        const v = (lessons.features[row + i]! - fm.mean[i]!) * fm.scale[i]!;
        x[xr + i] = v;
        score += theta[i]! * v;
      }
      for (let h = 0; h < H; h++) {
        let s = base[h]!;
        const w = oW + h * F;
        for (let i = 0; i < F; i++) s += theta[w + i]! * x[xr + i]!;
        z[k * H + h] = s;
        score += theta[oU + h]! * (s > 0 ? s : leak * s);
      }
      scores[k] = score;
    }
    return n;
  };

  let best: Float32Array = theta.slice();
  let bestValue = -1;
  let step = 0;
  const steps = options.epochs * Math.ceil(training / options.batch);
  const gz = new Float64Array(H);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    for (let i = training - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      const t = order[i]!;
      order[i] = order[j]!;
      order[j] = t;
    }
    let loss = 0;
    for (let from = 0; from < training; from += options.batch) {
      grad.fill(0);
      const to = Math.min(training, from + options.batch);
      for (let b = from; b < to; b++) {
        const q = order[b]!;
        const n = forward(q);
        const target = lessons.targets[q]!;
        let top = Number.NEGATIVE_INFINITY;
        for (let k = 0; k < n; k++) if (scores[k]! > top) top = scores[k]!;
        let sum = 0;
        for (let k = 0; k < n; k++) sum += Math.exp(scores[k]! - top);
        loss -= scores[target]! - top - Math.log(sum);
        const share = 1 / (to - from);
        gz.fill(0);
        for (let k = 0; k < n; k++) {
          const g = (Math.exp(scores[k]! - top) / sum - (k === target ? 1 : 0)) * share;
          if (g < 1e-7 && g > -1e-7) continue;
          const xr = k * F;
          for (let i = 0; i < F; i++) grad[i]! += g * x[xr + i]!;
          for (let h = 0; h < H; h++) {
            const s = z[k * H + h]!;
            grad[oU + h]! += g * (s > 0 ? s : leak * s);
            const gs = g * theta[oU + h]! * (s > 0 ? 1 : leak);
            gz[h]! += gs;
            const w = oW + h * F;
            for (let i = 0; i < F; i++) grad[w + i]! += gs * x[xr + i]!;
          }
        }
        for (let h = 0; h < H; h++) {
          const gs = gz[h]!;
          grad[oB + h]! += gs;
          for (let i = 0; i < C; i++) grad[oC + h * C + i]! += gs * c[i]!;
        }
      }
      step++;
      const rate = options.rate * (1 - 0.9 * (step / steps));
      const fix1 = 1 - 0.9 ** step,
        fix2 = 1 - 0.999 ** step;
      for (let i = 0; i < size; i++) {
        const g = grad[i]!;
        m1[i] = 0.9 * m1[i]! + 0.1 * g;
        m2[i] = 0.999 * m2[i]! + 0.001 * g * g;
        theta[i]! -= (rate * (m1[i]! / fix1)) / (Math.sqrt(m2[i]! / fix2) + 1e-8);
      }
      yield '';
    }
    let hits = 0,
      mrr = 0;
    for (let q = training; q < lessons.count; q++) {
      const n = forward(q);
      const t = scores[lessons.targets[q]!]!;
      let rank = 0;
      for (let k = 0; k < n; k++) if (scores[k]! >= t) rank++;
      if (rank <= 20) {
        hits++;
        mrr += 1 / rank;
      }
    }
    const value = (hits + mrr) / Math.max(1, held);
    if (value > bestValue || held === 0) {
      bestValue = value;
      best = theta.slice();
    }
    yield `epoch ${epoch + 1}: loss ${(loss / training).toFixed(4)}, held out P ${((100 * hits) / held).toFixed(2)} MRR ${((100 * mrr) / held).toFixed(2)}`;
  }
  return {
    features: F,
    contexts: C,
    hidden: H,
    featureMean: fm.mean,
    featureScale: fm.scale,
    contextMean: cm.mean,
    contextScale: cm.scale,
    straight: best.slice(0, F),
    candidate: best.slice(oW, oC),
    context: best.slice(oC, oB),
    bias: best.slice(oB, oU),
    output: best.slice(oU),
  };
}

function moments(values: Float32Array, rows: number, width: number) {
  const mean = new Float32Array(width),
    scale = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    let s = 0,
      s2 = 0;
    for (let r = 0; r < rows; r++) {
      const v = values[r * width + i]!;
      s += v;
      s2 += v * v;
    }
    mean[i] = s / rows;
    const variance = s2 / rows - (s / rows) ** 2;
    scale[i] = variance > 1e-6 ? 1 / Math.sqrt(variance) : 0;
  }
  return { mean, scale };
}

/** mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
