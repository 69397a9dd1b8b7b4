import {
  type GraphQLField,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';

/** The fields of `Query` that read the schema. */
export const introspectionFields: ReadonlyMap<string, GraphQLField<unknown, unknown>> = new Map(
  [SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]),
);

const averages = new WeakMap<GraphQLSchema, ReadonlyMap<string, number>>();

/** How long the lists of introspection are on average in this schema, by field; others have one item. */
export function averageSizesOf(schema: GraphQLSchema): ReadonlyMap<string, number> {
  let sizes = averages.get(schema);
  if (!sizes) {
    sizes = measure(schema);
    averages.set(schema, sizes);
  }
  return sizes;
}

function measure(schema: GraphQLSchema): ReadonlyMap<string, number> {
  const types = Object.values(schema.getTypeMap());
  let fields = 0;
  let args = 0;
  let inputFields = 0;
  let enumValues = 0;
  for (const type of types) {
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        fields++;
        args += field.args.length;
      }
    } else if (isInputObjectType(type)) inputFields += Object.keys(type.getFields()).length;
    else if (isEnumType(type)) enumValues += type.getValues().length;
  }
  return new Map([
    ['__Schema.types', types.length],
    ['__Schema.directives', schema.getDirectives().length],
    ['__Type.fields', fields / types.length],
    ['__Type.inputFields', inputFields / types.length],
    ['__Type.enumValues', enumValues / types.length],
    ['__Field.args', args / fields],
  ]);
}
