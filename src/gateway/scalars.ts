import {
  GraphQLError,
  type GraphQLScalarLiteralParser,
  GraphQLScalarType,
  Kind,
  type ValueNode,
} from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLLocale } from 'graphql-scalars';
import { notValue } from '../kit/shown-value.js';
import { UnreadMoment } from '../kit/unread-moment.js';
import { canonicalLocale } from '../locale.js';
import type { Resolvers } from '../plugin.js';

const earliestMs = Date.UTC(1900, 0, 1);
const latestMs = Date.UTC(10_000, 0, 1) - 1;

const textLengthMax = 40;

const dateTime = GraphQLDateTimeISO.toConfig();
const locale = GraphQLLocale.toConfig();

/** What clients send all day, of days that every month has: read without looking at the calendar. */
const plainMoment =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;

function momentOf(value: unknown): Date {
  if (value instanceof UnreadMoment) return value;
  const isPlain = typeof value === 'string' && plainMoment.test(value);
  return withinYears(
    isPlain ? new Date(value) : orRefuse(dateForm, value, () => dateTime.parseValue?.(value)),
  );
}

const dateForm = 'DateTime must be an RFC 3339 date with a time, such as "2026-03-01T12:00:00Z"';
const localeForm = 'Locale must be a BCP 47 language tag such as "de-CH"';

/** Reads a value by a scalar of graphql-scalars, whose messages do not say what is allowed. */
function orRefuse<T>(allowed: string, value: unknown, read: () => T): T {
  try {
    return read();
  } catch {
    throw new GraphQLError(notValue(allowed, value));
  }
}

function localeTag(value: unknown, read: () => unknown): unknown {
  return orRefuse(localeForm, value, () => {
    const tag = read();
    if (canonicalLocale(String(tag)) === null) throw new TypeError('it begins with no language');
    return tag;
  });
}

function literalText(node: ValueNode): unknown {
  return 'value' in node ? node.value : undefined;
}

/** Adds the place of the literal to errors, since a document may hold many of one type. */
function withPlace<T>(read: GraphQLScalarLiteralParser<T>): GraphQLScalarLiteralParser<T> {
  return (node, variables) => {
    try {
      return read(node, variables);
    } catch (error) {
      throw error instanceof GraphQLError ? new GraphQLError(error.message, { nodes: node }) : error;
    }
  };
}

function withinYears(value: unknown): Date {
  const date = value as Date;
  const ms = date.getTime();
  if (!(ms >= earliestMs && ms <= latestMs)) {
    throw new GraphQLError(notValue('DateTime must lie in the years 1900 to 9999', date));
  }
  return date;
}

/** Only the form is checked here: what it means is checked where it is used, for each element of a list by itself. */
function currencyCode(value: unknown): string {
  if (typeof value !== 'string' || value.length > textLengthMax) {
    throw new GraphQLError(notValue('CurrencyCode must be an ISO 4217 code such as "EUR"', value));
  }
  return value;
}

function decimal(value: unknown): string {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > textLengthMax) {
    throw new GraphQLError(notValue('Decimal must be a number such as "12.50"', value));
  }
  return text;
}

/** The scalars of `schema/base.graphql`; the common ones come from graphql-scalars. */
export const scalars: Resolvers = {
  DateTime: new GraphQLScalarType({
    ...dateTime,
    name: 'DateTime',
    parseValue: momentOf,
    parseLiteral: withPlace((node, variables) =>
      withinYears(orRefuse(dateForm, literalText(node), () => dateTime.parseLiteral?.(node, variables))),
    ),
  }),
  Locale: new GraphQLScalarType({
    ...locale,
    name: 'Locale',
    parseValue: (value) => localeTag(value, () => locale.parseValue?.(value)),
    parseLiteral: withPlace((node, variables) =>
      localeTag(literalText(node), () => locale.parseLiteral?.(node, variables)),
    ),
  }),
  JSON: new GraphQLScalarType({ ...GraphQLJSON.toConfig(), name: 'JSON' }),
  CurrencyCode: new GraphQLScalarType({
    name: 'CurrencyCode',
    serialize: String,
    parseValue: currencyCode,
    parseLiteral: withPlace((node) =>
      currencyCode(node.kind === Kind.STRING || node.kind === Kind.ENUM ? node.value : null),
    ),
  }),
  Decimal: new GraphQLScalarType({
    name: 'Decimal',
    serialize: String,
    parseValue: decimal,
    parseLiteral: withPlace((node) =>
      decimal(
        node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT ? node.value : null,
      ),
    ),
  }),
};
