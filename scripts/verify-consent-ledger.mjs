#!/usr/bin/env node
// Verifies an export of Rapport's consent ledger. It needs Node.js and nothing else:
//   node verify-consent-ledger.mjs ledger.jsonl [--sha256 <digest that was kept apart>] [--receipt <hash that a shopper has>]…
// Exit code 0: the file is as it was exported, and each chain is whole. 1: it is not. 2: it could not be read.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const format = 'rapport-consent-ledger';
const zeros = '0'.repeat(64);
const newline = 0x0a;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The hash of an entry: SHA-256 of these values as JSON, the hash of the entry before first. Fields that an entry does not have are left out. */
function hashOf(previous, seq, entry) {
  const { appliesTo, language, jurisdiction, expression } = entry;
  const values = [
    previous,
    seq,
    entry.id,
    entry.subject,
    entry.purpose,
    entry.status,
    entry.noticeVersion,
    entry.evidence,
    entry.channel,
    entry.source,
    entry.customerId,
    entry.globalPrivacyControl,
    entry.expiresAtMs,
    entry.decidedAtMs,
  ];
  if (entry.claimedBy !== undefined) values.push(entry.claimedBy);
  if (entry.saidAtMs !== undefined || entry.carriedFrom !== undefined)
    values.push({ saidAtMs: entry.saidAtMs, carriedFrom: entry.carriedFrom });
  if (entry.messageId !== undefined) values.push({ messageId: entry.messageId });
  if ([appliesTo, language, jurisdiction, expression].some((one) => one !== undefined))
    values.push({ appliesTo, language, jurisdiction, expression });
  return sha256(JSON.stringify(values));
}

/** Verifies the bytes of an export. Returns what it has, and its faults: none if it is whole. */
export function verify(bytes, receipts = []) {
  const faults = [];
  const result = { sha256: sha256(bytes), records: 0, decisions: 0, erased: 0, subjects: 0, faults };
  const sealStart = bytes.lastIndexOf(newline, bytes.length - 2) + 1;
  if (bytes.at(-1) !== newline || sealStart === 0) {
    faults.push('the file is cut off: its last line is not a seal');
    return result;
  }
  const lines = bytes.subarray(0, sealStart).toString('utf8').split('\n').slice(0, -1);
  const chains = new Map();
  const missing = new Set(receipts);

  function parse(line, number) {
    try {
      const value = JSON.parse(line);
      // A second spelling of the same JSON was not written by the export.
      if (JSON.stringify(value) === line) return value;
      faults.push(`line ${number} is not written as it was exported`);
    } catch {
      faults.push(`line ${number} is not JSON`);
    }
    return null;
  }

  function follow(record, number) {
    const { subject, seq, entries } = record;
    const chain = chains.get(subject) ?? { seq: 0, hash: zeros, decidedAtMs: 0 };
    const name = `line ${number}: record ${seq} of ${subject}`;
    if (seq !== chain.seq + 1) faults.push(`${name} comes after record ${chain.seq}`);
    if (!Array.isArray(entries) || entries.length === 0) {
      faults.push(`${name} has no decision`);
      return;
    }
    let { hash, decidedAtMs } = chain;
    for (const entry of entries) {
      // A decision of an erased person keeps its place in the chain, and nothing that could be hashed again.
      if (entry.erased) result.erased++;
      else if (entry.hash !== hashOf(hash, seq, entry))
        faults.push(`${name} was changed: ${entry.purpose} ${entry.id}`);
      if (entry.subject !== subject) faults.push(`${name} has a decision of ${entry.subject}`);
      if (entry.decidedAtMs < decidedAtMs) faults.push(`${name} is older than the one before`);
      ({ hash, decidedAtMs } = entry);
      missing.delete(hash);
      result.decisions++;
    }
    chains.set(subject, { seq, hash, decidedAtMs });
    result.records++;
  }

  for (const [at, line] of lines.entries()) {
    const value = parse(line, at + 1);
    if (value === null) continue;
    if (at > 0) follow(value, at + 1);
    else if (value.format !== format || value.version !== 1)
      faults.push(`line 1 does not name the format ${format}, version 1`);
  }
  result.subjects = chains.size;
  const seal = parse(bytes.subarray(sealStart, -1).toString('utf8'), lines.length + 1);
  const expected = {
    records: result.records,
    decisions: result.decisions,
    sha256: sha256(bytes.subarray(0, sealStart)),
  };
  if (seal !== null && JSON.stringify(seal) !== JSON.stringify(expected))
    faults.push(
      'the seal in the last line does not fit the lines before it: something was changed, added or removed',
    );
  // Bytes that are no UTF-8 are read as another character.
  if (!Buffer.from(bytes.toString('utf8')).equals(bytes)) faults.push('the file is not UTF-8');
  for (const receipt of missing) faults.push(`the decision of receipt ${receipt} is missing`);
  return result;
}

function main(args) {
  const [file, ...options] = args;
  const receipts = [];
  let kept = null;
  for (let at = 0; at < options.length; at += 2) {
    if (options[at] === '--receipt') receipts.push(options[at + 1]);
    else if (options[at] === '--sha256') kept = options[at + 1];
    else throw new Error(`there is no option ${options[at]}; there are --sha256 and --receipt`);
  }
  if (file === undefined) throw new Error('name the file: node verify-consent-ledger.mjs ledger.jsonl');
  const { faults, ...found } = verify(readFileSync(file), receipts);
  if (kept !== null && kept !== found.sha256)
    faults.push(`the digest of the file is ${found.sha256}, not ${kept}`);
  console.log(
    `${found.records} records of ${found.subjects} subjects, ${found.decisions} decisions (${found.erased} of erased people), SHA-256 ${found.sha256}`,
  );
  for (const fault of faults.slice(0, 20)) console.error(fault);
  console.log(
    faults.length === 0 ? 'The ledger is whole.' : `The ledger is not whole: ${faults.length} faults.`,
  );
  return faults.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 2;
  }
}
