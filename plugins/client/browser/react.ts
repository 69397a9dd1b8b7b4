import {
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Client, ProductCard, RecommendationRequest, SearchRequest } from './api.js';
import type * as hooks from './react-api.js';

const ClientContext = createContext<Client | null>(null);

export const RapportProvider: typeof hooks.RapportProvider = ({
  client,
  children,
}: {
  client: Client;
  children?: ReactNode;
}) => createElement(ClientContext.Provider, { value: client }, children);

export const useRapport: typeof hooks.useRapport = () => {
  const client = useContext(ClientContext);
  if (!client) throw new Error('useRapport needs a <RapportProvider client={…}> above it.');
  return client;
};

/** `key`: what the request depends on. A response that a newer request overtook is dropped. */
function useLoaded<T>(key: string | null, load: () => Promise<T>, delayMs = 0): hooks.Loaded<T> {
  const [state, setState] = useState<Omit<hooks.Loaded<T>, 'reload'>>({
    data: null,
    error: null,
    isLoading: key !== null,
  });
  const [times, setTimes] = useState(0);
  useEffect(() => {
    if (key === null) {
      setState({ data: null, error: null, isLoading: false });
      return;
    }
    let isCurrent = true;
    setState(({ data }) => ({ data, error: null, isLoading: true }));
    const timer = setTimeout(
      () =>
        load().then(
          (data) => isCurrent && setState({ data, error: null, isLoading: false }),
          (error: Error) => isCurrent && setState(({ data }) => ({ data, error, isLoading: false })),
        ),
      delayMs,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [key, times]);
  const reload = useCallback(() => setTimes((before) => before + 1), []);
  return { ...state, reload };
}

/** Changes with each decision. */
function useDecisions(): Client['consent']['decisions'] {
  const { consent } = useRapport();
  const read = () => consent.decisions;
  return useSyncExternalStore(consent.onChange, read, read);
}

export const useRecommendations: typeof hooks.useRecommendations = <P = ProductCard>(
  request: RecommendationRequest,
) => {
  const client = useRapport();
  const key = JSON.stringify([request, useDecisions()]);
  return useLoaded(key, () => client.recommend<P>(request));
};

export const useSearch: typeof hooks.useSearch = <P = ProductCard>(
  query: string,
  request?: SearchRequest,
) => {
  const client = useRapport();
  const key = query.trim() === '' ? null : JSON.stringify([query, request]);
  return useLoaded(key, () => client.search<P>(query, request));
};

export const useSuggestions: typeof hooks.useSuggestions = (prefix, delayMs = 150) => {
  const client = useRapport();
  return useLoaded(prefix.trim() === '' ? null : prefix, () => client.suggest(prefix), delayMs);
};

export const useConsent: typeof hooks.useConsent = () => {
  const { consent } = useRapport();
  const decisions = useDecisions();
  return { decisions, mustAsk: consent.mustAsk(), grant: consent.grant, refuse: consent.refuse };
};
