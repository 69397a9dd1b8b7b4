import type { Reactions } from '../../src/facts.js';
import type { Events } from '../../src/ports/events.js';
import type { Store } from '../../src/ports/store.js';
import { type Counts, createCounts } from './counts.js';
import { createMembershipStreams, type MembershipChange } from './membership-streams.js';
import { createMemberships, type MembershipsParts, peopleSpec } from './memberships.js';
import { previewSegment, type SegmentPreview } from './preview.js';
import { createRefreshing, progressSpec } from './refreshing.js';

/** The members of all segments: counts, previews and changes. */
export interface People {
  preview(condition: unknown, first: number): Promise<SegmentPreview>;
  countOf(segmentId: string): Promise<number>;
  /** True while all people are computed anew. */
  isRefreshing(): Promise<boolean>;
  /** Computes all people at once if there are few, so that a saved segment has its count in the next response. */
  refreshIfFew(): Promise<void>;
  changesOf(segmentId: string): AsyncIterableIterator<MembershipChange>;
  /** Handlers of what changes memberships. */
  readonly handlers: Reactions;
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createPeople(
  parts: MembershipsParts & { readonly store: Store; readonly events: Events },
): People {
  const { store, events, queue, customers, host, definitions } = parts;
  const memberships = createMemberships(parts);
  const refreshing = createRefreshing(customers, queue, memberships);
  const streams = createMembershipStreams();
  const stops: (() => unknown)[] = [];
  let isFollowing = false;
  let isClosed = false;
  let counts: Counts;
  let preview: People['preview'];
  const refreshOne = ({ customerId }: { readonly customerId: string }) => memberships.refresh(customerId);
  const refreshBoth = async ({ into, from }: { readonly into: string; readonly from: string }) => {
    await memberships.refresh(into);
    await memberships.refresh(from);
  };

  /** Reading the log costs a shop without such segments as much as recording. */
  function followIfNeeded(): void {
    if (isFollowing || isClosed || !definitions.readsAnyEvents()) return;
    isFollowing = true;
    const options = { purpose: 'PERSONALIZATION', types: definitions.readsEvents } as const;
    stops.push(
      events.follow('segments', options, async ({ customerId }) => {
        if (customerId !== null) await memberships.refreshSoon(customerId);
      }),
    );
  }

  return {
    preview: (condition, first) => preview(condition, first),
    countOf: (segmentId) => counts.of(segmentId),
    isRefreshing: refreshing.isUnderway,
    refreshIfFew: refreshing.runIfFew,
    changesOf: streams.subscribe,
    handlers: {
      'customer.changed': refreshOne,
      'customer.identified': refreshOne,
      'customer.merged': refreshBoth,
      'customer.unmerged': refreshBoth,
      'consent.changed': async ({ subject }) => {
        const [, customerId] = /^customer:(.+)$/s.exec(subject) ?? [];
        if (customerId !== undefined) await memberships.refresh(customerId);
      },
      'segment.changed': refreshing.begin,
      'segment.refreshing': ({ revision }) => refreshing.runSlice(revision),
      'segment.due': memberships.refreshDue,
    },
    async start() {
      const [people, progress] = await Promise.all([
        store.collection(peopleSpec),
        store.collection(progressSpec),
      ]);
      counts = createCounts(people, host.clock);
      preview = (condition, first) => previewSegment({ ...parts, people }, condition, first);
      stops.push(people.watch(streams.written), counts.close);
      refreshing.start(progress, people);
      await memberships.start(people);
      if (host.role === 'gateway') return;
      if (await refreshing.isNew()) await refreshing.begin();
      definitions.watch(followIfNeeded);
      followIfNeeded();
    },
    async close() {
      isClosed = true;
      for (const stop of stops) await stop();
      await memberships.close();
    },
  };
}
