import { writeFileSync } from 'node:fs';
import type { FusionJson } from '../../plugins/recommendations/learning-to-rank/fusion-json.js';
import { fingerprint } from '../../src/kit/fingerprint.js';

const folder = 'plugins/recommendations';

export interface ShippedFusion {
  /** The path below plugins/recommendations, without its ending. */
  readonly file: string;
  readonly constant: string;
  /** What is exported by which file as the names of the inputs. */
  readonly names: string;
  readonly namesFrom: string;
  /** What it was learned from, and by which script. */
  readonly learnedFrom: string;
}

/** Writes weights as the source file that ships; of the inputs' names only a fingerprint, so that they stand in one place. */
export function writeFusion(shipped: ShippedFusion, { features, contexts, ...weights }: FusionJson): void {
  const { file, constant, names, namesFrom, learnedFrom } = shipped;
  writeFileSync(
    `${folder}/${file}.ts`,
    `import type { FusionJson } from '../models/fusion-json.js';
import { ${names} } from './${namesFrom}.js';

/** The fingerprint of the inputs' names when these weights were learned: with other inputs they must be learned anew. */
export const ${constant}LearnedFor = ${fingerprint(JSON.stringify({ features, contexts }))};

/** Learned from ${learnedFrom}; a shop's own weights take its place once it has enough. */
export const ${constant}: FusionJson = { ...${names}, ${JSON.stringify(weights).slice(1, -1)} };
`,
  );
}
