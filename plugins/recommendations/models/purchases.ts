import { createSessionModel, type SessionModel, type SessionModelOptions } from './session-model.js';
import type { RankerOptions } from './session-ranker.js';

/** A taste lasts longer than an errand: items count for more steps back, and a person's age in the log for nothing. */
const purchaseRanking: RankerOptions = {
  neighbours: { sessionsRead: 1000, kept: 500, itemFading: 10, ageFading: 1e6 },
  votes: { stepFading: 3, backward: 0.6, self: 0.6 },
};

/**
 * What a person buys next, from what people with a like history bought. The session model, told persons for sessions:
 * a person's history never ends, and the fusion is learned about people who are left out rather than about the newest.
 * Items of the history are among the answers where people buy again; leave them out where that is not wanted.
 */
export function createPurchaseModel(
  options: Pick<SessionModelOptions, 'learned' | 'sessionsMax'> = {},
): SessionModel {
  return createSessionModel({
    ...options,
    idleMsMax: Number.POSITIVE_INFINITY,
    runningMax: 2 ** 21,
    ranker: purchaseRanking,
    tail: 'any',
    tailShare: 0.2,
    vectorEpochs: 6,
  });
}
