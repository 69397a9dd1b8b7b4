import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RunningPlugin } from '../boot.js';
import type { LeftOut } from '../contributions.js';
import type { Execute } from './execute.js';
import type { Health } from './health.js';
import type { Outcome } from './outcome.js';
import type { SharedRates } from './shared-rates.js';

/** What `/metrics` tells; labels have few values, and never ids. */
export interface Metrics {
  /** In the exposition format of Prometheus. */
  text(): Promise<{ readonly body: string; readonly contentType: string }>;
  /** Counts and times what passes through an `Execute`. */
  measured(execute: Execute): Execute;
  /** A request was turned away unread, for want of room. */
  refused(): void;
  /** A request to a route of a plugin was given up, or turned away. */
  routeRefused(plugin: string, reason: 'deadline' | 'in-flight'): void;
  /** A connection was closed for want of room. */
  connectionClosed(): void;
  /** Shows which contributions were left out of responses. */
  followContributions(leftOut: () => readonly LeftOut[]): void;
  /** Shows the counters of plugins. */
  followPlugins(plugins: readonly Pick<RunningPlugin, 'plugin' | 'instance'>[]): void;
  /** Shows what readiness knows of each plugin, read whenever the metrics are written. */
  followHealth(health: () => Promise<Pick<Health, 'parts'>>): void;
  /** Shows whether the rate limits are shared. */
  follow(rates: Pick<SharedRates, 'state'>): void;
}

let collected: Registry | undefined;

/** Memory, garbage collection and event loop of the process. Their observers last as long as the process, so all gateways share them. */
function processRegistry(): Registry {
  if (collected === undefined) {
    collected = new Registry();
    collectDefaultMetrics({ register: collected });
  }
  return collected;
}

export function createMetrics(): Metrics {
  processRegistry();
  const registry = new Registry();
  const operations = new Counter({
    name: 'rapport_graphql_operations_total',
    help: 'GraphQL operations by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const errors = new Counter({
    name: 'rapport_graphql_errors_total',
    help: 'Errors in GraphQL answers by code.',
    labelNames: ['code'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'rapport_graphql_seconds',
    help: 'Time to execute an operation.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const degraded = new Counter({
    name: 'rapport_degraded_answers_total',
    help: 'Answers that were not what they would be with every backend up, by part.',
    labelNames: ['part'],
    registers: [registry],
  });

  const refusals = new Counter({
    name: 'rapport_requests_refused_total',
    help: 'Requests turned away unread while more was asked for than could be answered.',
    registers: [registry],
  });

  const routeRefusals = new Counter({
    name: 'rapport_route_refusals_total',
    help: 'Requests to routes of plugins that were given up after their deadline, or turned away while too many were in flight.',
    labelNames: ['plugin', 'reason'],
    registers: [registry],
  });
  const connections = new Counter({
    name: 'rapport_connections_closed_total',
    help: 'Connections closed or refused for want of room, of all clients or of one address, or since responses were not read.',
    registers: [registry],
  });

  function count({ errors: failures }: Outcome): void {
    if (!failures) {
      operations.inc(outcomes.ok);
      return;
    }
    operations.inc(outcomes.error);
    for (const error of failures) errors.inc({ code: String(error.extensions.code) });
  }

  return {
    async text() {
      const body = `${await processRegistry().metrics()}\n${await registry.metrics()}`;
      return { body, contentType: registry.contentType };
    },
    refused: () => refusals.inc(),
    routeRefused: (plugin, reason) => routeRefusals.inc({ plugin, reason }),
    connectionClosed: () => connections.inc(),
    followContributions(leftOut) {
      new Counter({
        name: 'rapport_contributions_left_out_total',
        help: 'Contributions that failed or were late and were left out of a response, by plugin and extension point.',
        labelNames: ['plugin', 'point'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { plugin, point, times } of leftOut()) this.inc({ plugin, point }, times);
        },
      });
    },
    followPlugins(plugins) {
      for (const { plugin, instance } of plugins) {
        for (const [name, { help, read }] of Object.entries(instance.counters ?? {})) {
          new Counter({
            name: `rapport_${plugin.name.replaceAll('-', '_')}_${name}_total`,
            help,
            registers: [registry],
            collect() {
              this.reset();
              try {
                this.inc(read());
              } catch {
                // One counter that fails must not hide all others: it stays 0.
              }
            },
          });
        }
      }
    },
    followHealth(health) {
      new Gauge({
        name: 'rapport_plugin_unhealthy',
        help: '1 for a plugin whose health check does not say that it can do its part, else 0.',
        labelNames: ['plugin'],
        registers: [registry],
        async collect() {
          const { parts } = await health();
          for (const [plugin, words] of Object.entries(parts)) this.set({ plugin }, words === 'ok' ? 0 : 1);
        },
      });
    },
    follow(rates) {
      new Gauge({
        name: 'rapport_rate_limit_processes',
        help: 'Processes that share the rate limits, as far as this one knows.',
        registers: [registry],
        collect() {
          this.set(rates.state.processes);
        },
      });
      new Gauge({
        name: 'rapport_rate_limit_fallback',
        help: '1 while the rate limits cannot be shared and this process admits its part of them, else 0.',
        registers: [registry],
        collect() {
          this.set(rates.state.shares ? 0 : 1);
        },
      });
    },
    measured(execute) {
      async function measured(...asked: Parameters<Execute>): Promise<Outcome> {
        const beganMs = performance.now();
        try {
          const result = await execute(...asked);
          count(result);
          for (const part of asked[1].degradedParts) degraded.inc({ part });
          return result;
        } finally {
          seconds.observe((performance.now() - beganMs) / 1_000);
        }
      }
      return Object.assign(measured, { refusal: execute.refusal });
    },
  };
}

const outcomes = { ok: { outcome: 'ok' }, error: { outcome: 'error' } } as const;
