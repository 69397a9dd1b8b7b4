import type { ConsentDecision, ConsentStatus } from '../../src/ports/consent.js';
import { saidAtMsOf } from './chain.js';
import type { Notice, Party } from './notices.js';

const eventStates: Readonly<Record<ConsentStatus, string>> = {
  GRANTED: 'consent_given',
  DENIED: 'consent_refused',
  WITHDRAWN: 'consent_withdrawn',
};

/**
 * Writes a decision in the structure of ISO/IEC TS 27560:2023, with its names: header, processing, parties and event. The notice has what a
 * decision is about; without one, the record has what the ledger has. Fields that nobody gave are left out; `channels` is added to the standard's.
 */
export function consentRecord(decision: ConsentDecision, notice: Notice | null): object {
  const about = notice?.purposes.find(({ purpose }) => purpose === decision.purpose) ?? null;
  const parties: Party[] = [];
  const idOf = (party: Party): string => {
    const at = parties.findIndex((known) => JSON.stringify(known) === JSON.stringify(party));
    return party.id ?? `party-${at < 0 ? parties.push(party) : at + 1}`;
  };
  const idsOf = (list: readonly Party[] | null | undefined): readonly string[] | undefined =>
    list?.map((party) => {
      if (party.id != null && !parties.some(({ id }) => id === party.id)) parties.push(party);
      return idOf(party);
    });
  const purpose = {
    purpose: about?.description ?? decision.purpose,
    purpose_type: about?.type ?? decision.purpose,
    lawful_basis: about?.lawfulBasis ?? 'CONSENT',
    pii_information: about?.dataCategories.map(({ type, isOptional, isSpecial }) => ({
      pii_type: type,
      pii_optional: isOptional ?? undefined,
      sensitive_pii_category: isSpecial ?? undefined,
    })),
    pii_controllers: idsOf(about?.controllers),
    collection_method: about?.collectionMethod ?? undefined,
    processing_method: about?.processingMethods ?? undefined,
    storage_locations: about?.storageLocations ?? undefined,
    retention_period: about?.retentionDays == null ? undefined : `P${about.retentionDays}D`,
    processing_locations: about?.processingLocations ?? undefined,
    geographic_restrictions: about?.geographicRestrictions ?? undefined,
    services: about?.services ?? undefined,
    channels: decision.appliesTo,
    jurisdictions:
      about?.jurisdictions ?? (decision.jurisdiction === undefined ? undefined : [decision.jurisdiction]),
    recipient_third_parties: idsOf(about?.recipients),
    withdrawal_method: about?.withdrawalMethod,
    privacy_rights: about?.privacyRights ?? undefined,
    codes_of_conduct: about?.codesOfConduct ?? undefined,
    impact_assessment: about?.impactAssessment ?? undefined,
    authority_party: idsOf(about?.authority == null ? null : [about.authority])?.[0],
  };
  const saidAtMs = saidAtMsOf(decision);
  return JSON.parse(
    JSON.stringify({
      header: {
        schema_version: 'ISO/IEC TS 27560:2023',
        record_id: decision.id,
        pii_principal_id: decision.subject,
      },
      processing: {
        privacy_notice: notice?.url ?? decision.noticeVersion ?? undefined,
        notice_version: decision.noticeVersion ?? undefined,
        language: decision.language ?? notice?.language,
        purposes: [purpose],
      },
      party_identification: parties.map((party) => ({
        party_id: idOf(party),
        party_name: party.name,
        party_role: party.role ?? undefined,
        party_type: party.type ?? undefined,
        party_address: party.address ?? undefined,
        party_email: party.email ?? undefined,
        party_url: party.url ?? undefined,
        party_phone: party.phone ?? undefined,
        party_contact: party.contact ?? undefined,
      })),
      event: {
        event_time: new Date(saidAtMs).toISOString(),
        validity_duration:
          decision.expiresAtMs === null
            ? undefined
            : `PT${Math.round((decision.expiresAtMs - saidAtMs) / 1_000)}S`,
        entity_id: decision.customerId ?? decision.subject,
        event_type: decision.expression?.toLowerCase(),
        event_state: eventStates[decision.status],
      },
    }),
  ) as object;
}
