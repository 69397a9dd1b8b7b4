import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import type { RunningPlugin } from '../boot.js';
import { describeError } from '../errors.js';
import type { Log, Resolvers, SteadyKey } from '../plugin.js';
import { type Bytes, createTextWriter } from './bytes.js';
import { charactersOfUnit } from './counting.js';
import { ruleOf } from './field-rules.js';
import { createKeptTexts } from './kept-texts.js';
import type { PlannedField, Run, Text } from './planned-field.js';

type KeyOf = (parent: unknown, request: unknown) => SteadyKey | null;
type Write<P> = (run: Run, value: unknown, path: P) => Text;

/** Knows which parts of an answer need not be written anew as long as what they are made of has not changed. */
export interface Steadiness {
  /** The same writer, or one that keeps what it wrote, where a plugin answers for all that was asked of the type. */
  kept<P>(type: GraphQLObjectType, fields: readonly PlannedField[], write: Write<P>): Write<P>;
  /** Writes a text as JSON. */
  readonly writeText: (text: string) => Bytes;
}

/** See `Instance.steady`. */
export function createSteadiness(
  plugins: readonly Pick<RunningPlugin, 'plugin' | 'instance' | 'resolvers'>[],
  log: Log,
): Steadiness {
  const texts = createKeptTexts();
  const failed = new Set<string>();
  let parts = 0;

  /** Once a type: it would be said again with every object. */
  function report(plugin: string, type: string, error: unknown): void {
    if (failed.has(type)) return;
    failed.add(type);
    log.error('a defect in `steady`: the type is written anew', { plugin, type, err: describeError(error) });
  }

  return {
    writeText: createTextWriter(),
    kept(type, fields, write) {
      const owner = plugins.find(({ instance }) => instance.steady?.[type.name] !== undefined);
      if (!owner || !fields.every((field) => isTheirs(field, owner.resolvers))) return write;
      const keyOf = owner.instance.steady![type.name] as KeyOf;
      const part = parts++;
      // In a list it is the same from one to the next.
      let beside = '';
      let name = `${part} `;
      return (run, value, path) => {
        let key: SteadyKey | null = null;
        try {
          key = checked(keyOf(value, run.request));
        } catch (error) {
          report(owner.plugin.name, type.name, error);
        }
        if (key === null) return write(run, value, path);
        if (key.beside !== beside) {
          beside = key.beside;
          name = `${part} ${beside}`;
        }
        const known = texts.get(key.of, name);
        if (known !== undefined) {
          run.request.work.spend(known.length / charactersOfUnit);
          return known;
        }
        const before = run.errors.count;
        const text = write(run, value, path);
        if (typeof text === 'string' && run.errors.count === before) texts.keep(key.of, name, text);
        return text;
      };
    },
  };
}

function checked(key: SteadyKey | null): SteadyKey | null {
  if (key === null || (typeof key.of === 'object' && key.of !== null && typeof key.beside === 'string'))
    return key;
  throw new TypeError('`steady` answers null, or an object `of` and a text `beside`');
}

/** Whether a field, and all that is asked below it, hangs on nothing but what its plugin answers for. */
function isTheirs(field: PlannedField, own: Resolvers): boolean {
  if (field.constant !== undefined) return true;
  if (field.asksVariables) return false;
  const fields = own[field.owner.name] as Readonly<Record<string, unknown>> | undefined;
  // The gateway makes node ids of what the plugin says that objects depend on.
  if (field.resolve !== null && fields?.[field.name] === undefined && field.name !== 'nodeId') return false;
  // Kept texts are not asked who may read them.
  if (ruleOf(field.owner.getFields()[field.name]!)?.roles) return false;
  const type = getNamedType(field.type);
  return !isObjectType(type) || field.below(type).every((below) => isTheirs(below, own));
}
