import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type ConcreteRequest,
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getSelector,
  Network,
  type OperationType,
  type ReaderFragment,
  RecordSource,
  type SelectorData,
  Store,
  type Variables,
} from 'relay-runtime';
import { projectDirectory } from '../../src/project-directory.js';
import type { TestGateway } from '../support/gateway.js';
import {
  channelVariables,
  contextOf,
  decisions,
  expectWholeSearch,
  type ListedSearch,
  openClientShop,
  views,
} from './shop.js';

interface Operation extends OperationType {
  readonly variables: Variables;
  readonly response: Readonly<Record<string, unknown>>;
  readonly rawResponse: Record<string, unknown>;
}

interface Results extends ListedSearch {
  readonly nodeId: string;
}

/** Compiled from `relay/operations.graphql` by `relay/compile.ts`. */
const artifacts = JSON.parse(
  readFileSync(join(projectDirectory(), 'test', 'clients', 'relay', 'artifacts.json'), 'utf8'),
) as Readonly<Record<string, ConcreteRequest>>;
const againQuery = artifacts.operationsAgainQuery!;
const channelsQuery = artifacts.operationsChannelsQuery!;
const consentMutation = artifacts.operationsConsentMutation!;
const nextPageQuery = artifacts.operationsPageQuery!;
const searchQuery = artifacts.operationsSearchQuery!;
const viewQuery = artifacts.operationsViewQuery!;
const results = artifacts.operations_results as unknown as ReaderFragment;

describe('Relay, with nodeId as the id of its records', () => {
  let shop: TestGateway;
  before(async () => {
    shop = await openClientShop();
  });
  after(() => shop.close());

  function createEnvironment(): Environment {
    return new Environment({
      network: Network.create(async ({ text }, variables) => (await shop.ask(text!, { variables })) as never),
      store: new Store(new RecordSource()),
      getDataID: ({ nodeId }) => nodeId as string,
    });
  }
  const query = async (environment: Environment, request: ConcreteRequest, variables: Variables) =>
    plain(await fetchQuery<Operation>(environment, request, variables).toPromise());
  const dataOf = async ({ params }: ConcreteRequest, variables: Variables) =>
    (await shop.ask(params.text!, { variables })).data;
  /** Reads the store without a request. */
  function cached(environment: Environment, request: ConcreteRequest, variables: Variables) {
    const { data, isMissingData } = environment.lookup(
      createOperationDescriptor(request, variables).fragment,
    );
    expect(isMissingData).to.equal(false);
    return plain(data);
  }

  it('keeps currencies, languages and stores apart', async () => {
    const environment = createEnvironment();
    const [euro, dollar, berne, zurich] = views.map(({ context }) => context);
    const pairs = [
      { a: euro, b: dollar },
      { a: berne, b: zurich },
    ];
    const shown = [];
    for (const variables of pairs) shown.push(await query(environment, viewQuery, variables));
    for (const [at, variables] of pairs.entries()) {
      expect(shown[at]).to.deep.equal(withoutIds(await dataOf(viewQuery, variables)));
      expect(cached(environment, viewQuery, variables)).to.deep.equal(shown[at]);
      expect(shown[at]!.a).not.to.deep.equal(shown[at]!.b);
    }
  });

  it('keeps four channels of one operation apart', async () => {
    const environment = createEnvironment();
    const variables = channelVariables('ada');
    const shown = await query(environment, channelsQuery, variables);
    expect(shown).to.deep.equal(withoutIds(await dataOf(channelsQuery, variables)));
    expect(cached(environment, channelsQuery, variables)).to.deep.equal(shown);
  });

  it('pages a search by the node of its result, with one query id', async () => {
    const environment = createEnvironment();
    const variables = { context: contextOf('WEB', 'ada'), query: 'for' };
    const request = createOperationDescriptor(searchQuery, variables);
    environment.retain(request);
    await query(environment, searchQuery, variables);
    const found = environment.lookup(request.fragment).data as {
      shopper: { search: SelectorData };
    };
    const selector = getSelector(results, found.shopper.search as never)!;
    const pageOf = () => environment.lookup(selector as never).data as unknown as Results;
    const { queryId, nodeId } = pageOf();
    for (let page = 0; page < 9 && pageOf().products.pageInfo.hasNextPage; page++)
      await query(environment, nextPageQuery, {
        nodeId,
        first: 4,
        after: pageOf().products.pageInfo.endCursor,
      });
    expectWholeSearch(pageOf(), queryId);
  });

  it('updates the page from the payload of a mutation', async () => {
    const environment = createEnvironment();
    const variables = channelVariables('relay-consent');
    await query(environment, channelsQuery, variables);
    for (const status of ['GRANTED', 'WITHDRAWN']) {
      await new Promise<void>((resolve, reject) => {
        commitMutation<Operation>(environment, {
          mutation: consentMutation,
          variables: { context: contextOf('WEB', 'relay-consent'), decisions: decisions(status) },
          onCompleted: () => resolve(),
          onError: reject,
        });
      });
      expect(cached(environment, channelsQuery, variables), status).to.have.nested.property(
        'web.personalization.applied',
        status === 'GRANTED',
      );
    }
  });

  it('fetches exactly the view again by its node id', async () => {
    const environment = createEnvironment();
    const variables = { a: views[0]!.context, b: views[1]!.context };
    const shown = await query(environment, viewQuery, variables);
    const data = await dataOf(viewQuery, variables);
    for (const view of ['a', 'b'] as const) {
      const { nodeId } = data![view] as { nodeId: string };
      const { node } = (await query(environment, againQuery, { nodeId }))!;
      expect(shown![view]).to.deep.include(node as object);
    }
    expect(cached(environment, viewQuery, variables)).to.deep.equal(shown);
  });
});

function plain(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}

/** Relay asks for node ids of all types that have one, and does not show those that the page did not ask for. */
function withoutIds(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'nodeId' ? undefined : each)));
}
