import type { Router } from '../plugin.js';

type Handle = Parameters<Router['route']>[2];

interface Route extends FoundRoute {
  readonly segments: readonly string[];
}

/** Of every path that is mounted as it is. */
const noParams: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** First segments of paths that the gateway serves itself, whatever follows them. */
const ownSegments: ReadonlySet<string> = new Set([
  '',
  'graphql',
  'schema.graphql',
  'health',
  'metrics',
  '.well-known',
]);

/** A route that a request was matched to. */
export interface FoundRoute {
  /** The plugin that mounted it. */
  readonly owner: string;
  readonly method: string;
  /** As it was mounted. */
  readonly path: string;
  readonly handle: Handle;
  readonly params: Readonly<Record<string, string>>;
}

export interface Routes {
  /** Where one plugin mounts its endpoints. Throws when a path is the gateway's or another plugin's, naming both. */
  routerOf(owner: string): Router;
  match(method: string, path: string): FoundRoute | null;
}

/** The endpoints of the plugins: by method and path, in which `:name` stands for one segment. */
export function createRoutes(): Routes {
  const routes: Route[] = [];
  /** Those without parameters, by method and path: most requests are for one of them. */
  const plain = new Map<string, Route>();

  function add(route: Route): void {
    const { owner, method, path } = route;
    if (!/^\/[^?#\s]*$/.test(path))
      throw new Error(`${owner} mounts ${method} ${path}; a path begins with / and has no query`);
    const [first = ''] = comparable(route.segments);
    if (isParameter(first) || ownSegments.has(first))
      throw new Error(`${owner} mounts ${method} ${path}, which the gateway serves`);
    const other = routes.find((known) => known.owner !== owner && overlap(known, route));
    if (other)
      throw new Error(
        `${owner} mounts ${method} ${path}, which ${other.owner} already serves as ${other.path}`,
      );
    routes.push(route);
    const name = `${method} ${path}`;
    if (!route.segments.some(isParameter) && !plain.has(name)) plain.set(name, route);
  }

  return {
    routerOf: (owner) => ({
      route: (method, path, handle) =>
        add({ owner, method, path, handle, params: noParams, segments: segmentsOf(path) }),
    }),
    match(method, path) {
      const known = plain.get(`${method} ${path}`);
      if (known !== undefined) return known;
      const segments = segmentsOf(path);
      for (const route of routes) {
        if (route.method !== method || route.segments.length !== segments.length) continue;
        if (route.segments.every((expected, i) => isParameter(expected) || expected === segments[i]))
          return route.segments.some(isParameter) ? { ...route, params: paramsOf(route, segments) } : route;
      }
      return null;
    },
  };
}

function paramsOf(route: Route, segments: readonly string[]): Record<string, string> {
  const params: Record<string, string> = Object.create(null);
  for (const [i, name] of route.segments.entries())
    if (isParameter(name)) params[name.slice(1)] = segments[i]!;
  return params;
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').slice(1);
}

function isParameter(segment: string): boolean {
  return segment.startsWith(':');
}

/** As strictly as two paths may be told apart by a proxy: not by case, encoding or slashes at the end. */
function comparable(segments: readonly string[]): readonly string[] {
  const plain = segments.map((segment) => {
    if (isParameter(segment)) return segment;
    try {
      return decodeURIComponent(segment).toLowerCase();
    } catch {
      return segment.toLowerCase();
    }
  });
  while (plain.length > 1 && plain.at(-1) === '') plain.pop();
  return plain;
}

function overlap(one: Route, other: Route): boolean {
  const a = comparable(one.segments);
  const b = comparable(other.segments);
  return (
    one.method === other.method &&
    a.length === b.length &&
    a.every((segment, i) => segment === b[i] || isParameter(segment) || isParameter(b[i]!))
  );
}
