import type { ConsentState } from '../../src/ports/consent.js';
import type { Customer } from '../../src/ports/customers.js';
import type { Lifecycle } from '../../src/ports/profiles.js';
import type {
  Condition,
  EventCondition,
  LeafCondition,
  ProfileCondition,
  TraitCondition,
} from './conditions.js';
import type { EventMeasure, Outcome } from './event-measure.js';

/** All that conditions look at of one person at one moment. */
export interface Evidence {
  readonly atMs: number;
  /** null: anonymous, or without a profile. */
  readonly profile: Customer | null;
  readonly consents: readonly ConsentState[];
  /** null: no customer, or it was not needed. */
  readonly lifecycle: Lifecycle | null;
  readonly measures: ReadonlyMap<EventCondition, EventMeasure>;
}

/** A condition with the value that was seen. */
export interface Explanation {
  /** JSON Pointer (RFC 6901) into the condition of the segment. */
  readonly path: string;
  readonly condition: LeafCondition;
  readonly observed: unknown;
  readonly holds: boolean;
  /** True if the result of the segment follows from it. */
  readonly decides: boolean;
}

interface Node extends Pick<Outcome, 'holds' | 'untilMs'> {
  readonly leaves: readonly Explanation[];
}

/** Evaluates conditions for one person. Segments are evaluated once each. */
export interface Evaluation {
  segment(id: string): Node;
  condition(condition: Condition): Node;
}

/** `conditionOf` returns the condition of a segment; null: there is none, and nobody is in it. */
export function createEvaluation(
  evidence: Evidence,
  conditionOf: (id: string) => Condition | null,
): Evaluation {
  const known = new Map<string, Node>();
  const nobody: Node = { holds: false, untilMs: null, leaves: [] };

  function segment(id: string): Node {
    const before = known.get(id);
    if (before !== undefined) return before;
    // Two processes may save a circle at one moment. A segment that is met again within itself has nobody.
    known.set(id, nobody);
    const condition = conditionOf(id);
    const result = condition === null ? nobody : evaluate(condition, '');
    known.set(id, result);
    return result;
  }

  function evaluate(condition: Condition, path: string): Node {
    if ('not' in condition) {
      const inner = evaluate(condition.not, `${path}/not`);
      return { ...inner, holds: !inner.holds };
    }
    if ('all' in condition || 'any' in condition) {
      const [key, parts] = 'all' in condition ? ['all', condition.all] : ['any', condition.any];
      const isAll = key === 'all';
      const nodes = parts.map((part, at) => evaluate(part, `${path}/${key}/${at}`));
      const holds = isAll ? nodes.every((node) => node.holds) : nodes.some((node) => node.holds);
      // One that holds decides for `any`, one that does not decides against `all`; otherwise it takes all of them.
      const leaves = nodes.flatMap((node) =>
        node.holds === holds ? node.leaves : node.leaves.map((leaf) => ({ ...leaf, decides: false })),
      );
      return { holds, untilMs: earliest(nodes.map(({ untilMs }) => untilMs)), leaves };
    }
    const { holds, untilMs, observed } = outcomeOf(condition);
    return { holds, untilMs, leaves: [{ path, condition, observed, holds, decides: true }] };
  }

  function outcomeOf(leaf: LeafCondition): Outcome {
    const { profile, consents, lifecycle, measures, atMs } = evidence;
    if ('event' in leaf) return measures.get(leaf)!.outcome(atMs);
    if ('trait' in leaf) return traitOutcome(leaf, profile?.traits[leaf.trait] ?? null);
    if ('profile' in leaf) return profileOutcome(leaf, profile?.[leaf.profile] ?? null);
    if ('segment' in leaf) {
      const { holds, untilMs } = segment(leaf.segment);
      return { holds, untilMs, observed: holds };
    }
    if ('lifecycle' in leaf) {
      const stage = lifecycle?.stage ?? null;
      const holds = stage !== null && leaf.lifecycle.includes(stage);
      return { holds, untilMs: lifecycle?.untilMs ?? null, observed: stage };
    }
    const state = consents.find(({ purpose }) => purpose === leaf.consent);
    const status = state?.status ?? 'UNSET';
    return { holds: leaf.in.includes(status), untilMs: state?.expiresAtMs ?? null, observed: status };
  }

  return { segment, condition: (condition) => evaluate(condition, '') };
}

export function earliest(momentsMs: readonly (number | null)[]): number | null {
  let first: number | null = null;
  for (const atMs of momentsMs) if (atMs !== null && (first === null || atMs < first)) first = atMs;
  return first;
}

function traitOutcome(
  { in: values, exists, atLeast, atMost }: TraitCondition,
  value: string | number | boolean | null,
): Outcome {
  const outcome = (holds: boolean): Outcome => ({ holds, untilMs: null, observed: value });
  if (exists !== undefined) return outcome((value !== null) === exists);
  if (values !== undefined) return outcome(value !== null && values.includes(value));
  if (typeof value !== 'number') return outcome(false);
  return outcome(value >= (atLeast ?? value) && value <= (atMost ?? value));
}

/** Personal fields are compared by their existence alone, and shown so. */
function profileOutcome(
  { profile: field, in: values, exists }: ProfileCondition,
  value: string | null,
): Outcome {
  const observed = field === 'locale' ? value : value !== null;
  const holds =
    values === undefined
      ? (value !== null) === exists
      : value !== null && values.some((tag) => value === tag || value.startsWith(`${tag}-`));
  return { holds, untilMs: null, observed };
}
