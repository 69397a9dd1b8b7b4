import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLLocale } from 'graphql-scalars';
import type { Resolvers } from '../plugin.js';

const earliestMs = Date.UTC(1900, 0, 1);
const latestMs = Date.UTC(10_000, 0, 1) - 1;

const textLengthMax = 40;

const dateTime = GraphQLDateTimeISO.toConfig();

/** What clients send all day, of days that every month has: read without looking at the calendar. */
const plainMoment =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;

function momentOf(value: unknown): Date {
  const isPlain = typeof value === 'string' && plainMoment.test(value);
  return withinYears(isPlain ? new Date(value) : dateTime.parseValue?.(value));
}

function withinYears(value: unknown): Date {
  const date = value as Date;
  const ms = date.getTime();
  if (!(ms >= earliestMs && ms <= latestMs)) {
    throw new GraphQLError('DateTime must lie in the years 1900 to 9999');
  }
  return date;
}

/** Only the form is checked here: what it means is checked where it is used, for each element of a list by itself. */
function currencyCode(value: unknown): string {
  if (typeof value !== 'string' || value.length > textLengthMax) {
    throw new GraphQLError(`CurrencyCode must be an ISO 4217 code such as "EUR", not ${shown(value)}`);
  }
  return value;
}

function decimal(value: unknown): string {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > textLengthMax) {
    throw new GraphQLError(`Decimal must be a number such as "12.50", not ${shown(value)}`);
  }
  return text;
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 40) ?? String(value);
}

/** The scalars of `schema/base.graphql`; the common ones come from graphql-scalars. */
export const scalars: Resolvers = {
  DateTime: new GraphQLScalarType({
    ...dateTime,
    name: 'DateTime',
    parseValue: momentOf,
    parseLiteral: (node, variables) => withinYears(dateTime.parseLiteral?.(node, variables)),
  }),
  Locale: new GraphQLScalarType({ ...GraphQLLocale.toConfig(), name: 'Locale' }),
  JSON: new GraphQLScalarType({ ...GraphQLJSON.toConfig(), name: 'JSON' }),
  CurrencyCode: new GraphQLScalarType({
    name: 'CurrencyCode',
    serialize: String,
    parseValue: currencyCode,
    parseLiteral: (node) =>
      currencyCode(node.kind === Kind.STRING || node.kind === Kind.ENUM ? node.value : null),
  }),
  Decimal: new GraphQLScalarType({
    name: 'Decimal',
    serialize: String,
    parseValue: decimal,
    parseLiteral: (node) =>
      decimal(
        node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT ? node.value : null,
      ),
  }),
};
