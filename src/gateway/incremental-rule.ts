import {
  type DirectiveNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getNullableType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

const directiveNames: ReadonlySet<string> = new Set(['defer', 'stream']);

/** Checks `@defer` and `@stream`, which graphql-js 16 does not know. `found`: called if the document has one. */
export function incrementalRule(found: () => void): ValidationRule {
  return (context) => {
    const labels = new Set<string>();
    const report = (node: DirectiveNode, message: string): void =>
      context.reportError(new GraphQLError(`@${node.name.value}: ${message}`, { nodes: node }));
    return {
      OperationDefinition(operation) {
        if (operation.operation !== 'subscription') return;
        for (const node of [operation, ...context.getRecursivelyReferencedFragments(operation)])
          for (const directive of directivesIn(node))
            report(directive, 'an event of a subscription is sent as a whole; remove the directive');
      },
      Directive(node) {
        if (!directiveNames.has(node.name.value)) return;
        found();
        const type = context.getParentType();
        if (type && type === context.getSchema().getMutationType())
          report(
            node,
            'fields of Mutation run one after the other; put the directive on a field or fragment below them',
          );
        const label = argumentOf(node, 'label');
        if (label?.kind === Kind.STRING) {
          if (labels.has(label.value))
            report(node, `the label "${label.value}" is used twice; give each its own`);
          labels.add(label.value);
        } else if (label) report(node, 'label must be a string in the document, such as "reviews"');
        if (node.name.value === 'stream') checkStream(context, node, report);
      },
    };
  };
}

function checkStream(
  context: ValidationContext,
  node: DirectiveNode,
  report: (node: DirectiveNode, message: string) => void,
): void {
  const field = context.getFieldDef();
  if (field && !isListType(getNullableType(field.type)))
    report(node, `${field.name} is no list; use @defer on a fragment instead`);
  const count = argumentOf(node, 'initialCount');
  // A variable could be negative, which would be found out in the middle of the response.
  if (count && (count.kind !== Kind.INT || count.value.startsWith('-')))
    report(node, 'initialCount must be a whole number of 0 or more in the document, such as 3');
}

function argumentOf(node: DirectiveNode, name: string) {
  return node.arguments?.find((argument) => argument.name.value === name)?.value;
}

function directivesIn(node: OperationDefinitionNode | FragmentDefinitionNode): DirectiveNode[] {
  return node.selectionSet.selections.flatMap(function own(selection): DirectiveNode[] {
    const below = 'selectionSet' in selection ? (selection.selectionSet?.selections ?? []) : [];
    const here = (selection.directives ?? []).filter(({ name }) => directiveNames.has(name.value));
    return [...here, ...below.flatMap(own)];
  });
}
