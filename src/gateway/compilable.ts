import { BREAK, type DocumentNode, Kind, type NameNode, visit } from 'graphql';

/**
 * Whether graphql-jit may write code from this document. It writes inline values into the code as JSON, puts a date
 * where a text begins with a mark of its own (`__MAGIC_DATE__…`, so that what follows would run as code), lets a
 * `__proto__` set a prototype, and mistakes defaults of variables that are dates, objects or lists. Whatever
 * could be one of these is interpreted instead, with the same answer.
 */
export function isCompilable(document: DocumentNode): boolean {
  let compilable = true;
  const refuse = (): typeof BREAK => {
    compilable = false;
    return BREAK;
  };
  visit(document, {
    Name: (node: NameNode, key, parent) =>
      node.value.startsWith('__') && !isFieldName(key, parent) ? refuse() : undefined,
    StringValue: ({ value }) => (harmless.test(value) ? undefined : refuse()),
    VariableDefinition: ({ defaultValue }) =>
      defaultValue && riskyDefaults.has(defaultValue.kind) ? refuse() : undefined,
  });
  return compilable;
}

/** Ids, words and dates: what clients write inline when they do not use variables. */
const harmless = /^(?!.*__)[\w .:@/+-]*$/;

const riskyDefaults: ReadonlySet<Kind> = new Set([Kind.STRING, Kind.OBJECT, Kind.LIST]);

/** `__typename` is a field like any other. */
function isFieldName(key: string | number | undefined, parent: unknown): boolean {
  return key === 'name' && (parent as { kind?: Kind } | undefined)?.kind === Kind.FIELD;
}
