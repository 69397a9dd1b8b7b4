import { isNativeError } from 'node:util/types';
import { pino } from 'pino';
import { describeError } from '../errors.js';
import type { Log } from '../plugin.js';
import type { CoreSettings } from '../settings.js';

/** An error that was logged as it is; what callers described stays. */
function described(value: unknown): unknown {
  return isNativeError(value) ? describeError(value) : value;
}

/** JSON lines on standard output. Callers log ids of requests and counts, never what a person sent. */
export function createLog(level: CoreSettings['logLevel']): Log {
  const logger = pino({
    level,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: described, error: described },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  const at =
    (name: 'error' | 'warn' | 'info' | 'debug') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      logger[name](fields, message);
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
