/** The public types of the React hooks, served as `/client/react.d.ts`. They need React 18 or newer. */
import type { ReactElement, ReactNode } from 'react';
import type {
  Client,
  ConsentPurpose,
  ConsentStatus,
  ProductCard,
  RecommendationList,
  RecommendationRequest,
  SearchRequest,
  SearchResult,
  Suggestion,
} from './client.js';

/** A request of a component. */
export interface Loaded<T> {
  /** Null until the first response, and while there is none. The one before stays while another is loaded. */
  readonly data: T | null;
  readonly error: Error | null;
  readonly isLoading: boolean;
  /** Requests it again, for example after an event that changes it. */
  readonly reload: () => void;
}

export interface ConsentControls {
  readonly decisions: Readonly<Partial<Record<ConsentPurpose, ConsentStatus>>>;
  readonly mustAsk: boolean;
  readonly grant: Client['consent']['grant'];
  readonly refuse: Client['consent']['refuse'];
}

/** Gives a client to all hooks below it. */
export declare function RapportProvider(props: {
  readonly client: Client;
  readonly children?: ReactNode;
}): ReactElement;
export declare function useRapport(): Client;
/** Requested again when the request or the consent changes. */
export declare function useRecommendations<P = ProductCard>(
  request: RecommendationRequest,
): Loaded<RecommendationList<P>>;
/** Requests nothing while the query is empty. */
export declare function useSearch<P = ProductCard>(
  query: string,
  request?: SearchRequest,
): Loaded<SearchResult<P>>;
/** Waits until the text has not changed for `delayMs` (if omitted, 150). */
export declare function useSuggestions(prefix: string, delayMs?: number): Loaded<readonly Suggestion[]>;
export declare function useConsent(): ConsentControls;
