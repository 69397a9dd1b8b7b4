import { type GraphQLField, type GraphQLSchema, isInterfaceType } from 'graphql';
import type { RunningPlugin } from '../boot.js';
import { RapportError } from '../errors.js';
import type { FoundIdentity, NodeIdentity, NodeType } from '../plugin.js';
import { scoped } from '../plugin-scope.js';
import { type FieldRule, ruleOf } from './field-rules.js';
import { createNodeIds, idCharactersOfUnit, type NodeIds } from './node-ids.js';
import { createNodeViews } from './node-views.js';
import type { TrackedRequest } from './request-context.js';
import { errorUnits } from './work.js';

const nodesMax = 100;
/** The items that the cost of a type with a list is estimated for, before its real size is known. */
const itemsAssumed = 20;

type Identify = (object: unknown, request: TrackedRequest) => NodeIdentity;
type Find = (identity: FoundIdentity<never>, request: TrackedRequest) => unknown;

interface Identified {
  readonly view: NodeType['view'];
  readonly identify: Identify;
  readonly find: Find;
  /** Of the field that returns such objects. */
  readonly rule: FieldRule;
}

/** The identity of all types that implement `Node`: their `nodeId`, and `Query.node` and `Query.nodes`. */
export interface Nodes {
  readonly ids: NodeIds;
  /** The resolvers of the root fields, and of the type of a node. */
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, (...args: never[]) => unknown>>>>;
  /** Resolves `nodeId` of each type that implements `Node`. Throws an Error that names a type whose own plugin does not identify it. */
  attach(schema: GraphQLSchema): void;
}

/** `secret`: until `ids.use` replaces it. */
export function createNodes(plugins: readonly RunningPlugin[], secret = ''): Nodes {
  const ids = createNodeIds(secret);
  const views = createNodeViews(ids);
  const declared = plugins.flatMap(({ plugin, instance }) =>
    Object.entries(instance.nodes ?? {}).map(([type, node]) => ({ type, node, plugin })),
  );
  const identified = new Map<string, Identified>();
  /** The type of each object that `find` returned. */
  const typeOf = new WeakMap<object, string>();

  function idOf(
    type: string,
    { identify, view }: Identified,
    object: unknown,
    request: TrackedRequest,
  ): string {
    const { context, key } = identify(object, request);
    return ids.write({ type, view: context && views.seal(context, view), key });
  }

  async function node(nodeId: string, request: TrackedRequest): Promise<unknown> {
    request.work.spend(nodeId.length / idCharactersOfUnit);
    const { type, view, key } = ids.read(nodeId);
    const known = identified.get(type);
    if (!known) throw unknownType(type);
    const { rule, find } = known;
    if (rule.roles) request.allow(...rule.roles);
    request.work.spend(rule.weight);
    if (rule.publicSeconds === null) request.personal();
    const opened = view === null ? { context: null, customerGroup: null } : views.open(view, request);
    const object = await request.work.start(() => find({ ...opened, key: key as never }, request));
    if (typeof object !== 'object' || object === null) return null;
    typeOf.set(object, type);
    return object;
  }

  /** The units of work of the fields that return objects of these ids. */
  function unitsOf(nodeIds: unknown): number {
    if (Array.isArray(nodeIds))
      return nodeIds.slice(0, nodesMax).reduce<number>((sum, nodeId) => sum + unitsOf(nodeId), 0);
    if (typeof nodeIds !== 'string') return 1;
    const rule = identified.get(ids.typeOf(nodeIds) ?? '')?.rule;
    const ofType = rule === undefined ? errorUnits : rule.weight + rule.perItem * itemsAssumed;
    return ofType + nodeIds.length / idCharactersOfUnit;
  }

  return {
    ids,
    resolvers: {
      Node: { __resolveType: (object: object) => typeOf.get(object) },
      Query: {
        node: (_: unknown, { nodeId }: { nodeId: string }, request: TrackedRequest) => node(nodeId, request),
        nodes(_: unknown, { nodeIds }: { nodeIds: readonly string[] }, request: TrackedRequest) {
          if (nodeIds.length > nodesMax) throw tooMany(nodeIds.length);
          return nodeIds.map((nodeId) => node(nodeId, request));
        },
      },
    },
    attach(schema) {
      const idFields = idFieldsOf(schema);
      for (const { type, node, plugin } of declared) {
        const idField = idFields.get(type);
        if (idField === undefined)
          throw new Error(`${plugin.name} identifies ${type}, which is no type that implements Node`);
        const { owner } = ruleOf(idField)!;
        if (owner !== plugin.name)
          throw new Error(
            `${plugin.name} identifies ${type}, which ${owner} declares; only ${owner} can identify it`,
          );
        const own: Identified = {
          view: node.view,
          identify: scoped(plugin, node.identify as Identify),
          find: scoped(plugin, node.find as Find),
          rule: ruleAt(schema, node.field, `${owner} identifies ${type} by the field`),
        };
        identified.set(type, own);
        idField.resolve = (object, _, request: TrackedRequest) => idOf(type, own, object, request);
      }
      for (const [type, idField] of idFields)
        if (!identified.has(type))
          throw new Error(
            `${ruleOf(idField)!.owner} declares that ${type} implements Node and does not identify it; give its instance nodes: { ${type}: … }`,
          );
      for (const root of ['node', 'nodes']) {
        const field = schema.getQueryType()!.getFields()[root]!;
        const rule: FieldRule = { ...ruleOf(field)!, unitsOf };
        field.extensions = { ...field.extensions, rapport: rule };
      }
    },
  };
}

/** The field `nodeId` of each type that implements `Node`. */
function idFieldsOf(schema: GraphQLSchema): ReadonlyMap<string, GraphQLField<unknown, TrackedRequest>> {
  const type = schema.getType('Node');
  const implementers = isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
  return new Map(implementers.map((each) => [each.name, each.getFields().nodeId!]));
}

function ruleAt(schema: GraphQLSchema, coordinate: string, doing: string): FieldRule {
  const [type = '', name = ''] = coordinate.split('.');
  const of = schema.getType(type);
  const field = of && 'getFields' in of ? of.getFields()[name] : undefined;
  const rule = field && 'args' in field ? ruleOf(field) : undefined;
  if (rule === undefined) throw new Error(`${doing} ${coordinate}, which the schema does not have`);
  return rule;
}

function unknownType(type: string): RapportError {
  return new RapportError(
    'invalid',
    'NODE_ID_INVALID',
    `nodeId is of the type ${type}, which this shop does not have any more; fetch the object anew`,
    { path: ['nodeId'] },
  );
}

function tooMany(length: number): RapportError {
  return new RapportError(
    'invalid',
    'NODE_IDS_TOO_MANY',
    `nodeIds has ${length} ids; at most ${nodesMax} are allowed. Ask for them in several operations`,
    { path: ['nodeIds'] },
  );
}
