import { expect } from 'chai';
import type { Learned } from '../../plugins/recommendations/session-knn/learn-sessions.js';
import {
  createSessionModel,
  type SessionModel,
} from '../../plugins/recommendations/session-knn/session-model.js';

const sessionsMax = 300;

/** Sessions of two clicks, each of a shopper of its own. */
function click(model: SessionModel, from: number, until: number): void {
  for (let shopper = from; shopper < until; shopper++)
    for (const item of [shopper % 7, (shopper % 7) + 10]) model.add(`shopper-${shopper}`, item, 0);
}

/** `meanwhile` happens when the sessions to learn from are counted and before they are copied. */
function learn(model: SessionModel, meanwhile: () => void): Learned {
  const learning = model.learn();
  learning.next();
  meanwhile();
  for (;;) {
    const step = learning.next();
    if (step.done) return step.value;
  }
}

describe('Learning from sessions beside serving', () => {
  const nothing = () => undefined;

  it('leaves out clicks that come meanwhile, however many, and not the newest sessions', () => {
    const quiet = createSessionModel({ sessionsMax });
    click(quiet, 0, sessionsMax);
    const busy = createSessionModel({ sessionsMax });
    click(busy, 0, sessionsMax);
    const learned = learn(busy, () => {
      for (let round = 0; round < 10; round++) click(busy, 0, sessionsMax / 2);
    });
    expect(busy.interactions).to.equal(quiet.interactions + 10 * sessionsMax);
    expect(learned).to.deep.equal(learn(quiet, nothing));
  });

  it('leaves out sessions that are forgotten meanwhile, and what lies in their place', () => {
    const full = createSessionModel({ sessionsMax });
    click(full, 0, sessionsMax);
    const learned = learn(full, () => {
      for (let shopper = 0; shopper < 200; shopper++) full.add(`new-${shopper}`, 3, 0);
    });
    const survivors = createSessionModel({ sessionsMax });
    click(survivors, 200, sessionsMax);
    expect(learned).to.deep.equal(learn(survivors, nothing));
  });
});
