import { DamageError } from './damage.js';
import { headerBytes } from './meta-page.js';

export const nodeBytes = 8;

/** The positions of entries in a branch or leaf page. Each function throws `DamageError` if the page contradicts itself. */
export interface PageLayout {
  damage(page: number, reason: string): DamageError;
  /** Returns the number of entries. */
  nodes(page: number, bytes: Buffer): number;
  /** Returns where entry `i` begins. */
  nodeAt(page: number, bytes: Buffer, i: number): number;
  /** Returns the key that separates child `i` of a branch from the one before. */
  separator(page: number, bytes: Buffer, i: number): Buffer;
}

export function pageLayout(path: string, pageSize: number): PageLayout {
  function damage(page: number, reason: string): DamageError {
    return new DamageError(path, page * pageSize, reason);
  }

  function separator(page: number, bytes: Buffer, i: number): Buffer {
    const at = nodeAt(page, bytes, i);
    return bytes.subarray(at + nodeBytes, at + nodeBytes + bytes.readUInt16LE(at + 6));
  }

  function nodes(page: number, bytes: Buffer): number {
    const lower = bytes.readUInt16LE(20);
    const upper = bytes.readUInt16LE(22);
    if (lower === 0 || (lower & 1) !== 0 || lower > upper || upper + headerBytes > pageSize) {
      throw damage(page, `page ${page} has free space from ${lower} to ${upper}`);
    }
    return lower >> 1;
  }

  function nodeAt(page: number, bytes: Buffer, i: number): number {
    const at = headerBytes + bytes.readUInt16LE(headerBytes + i * 2);
    if (
      at < headerBytes + bytes.readUInt16LE(22) ||
      at + nodeBytes > pageSize ||
      at + nodeBytes + bytes.readUInt16LE(at + 6) > pageSize
    ) {
      throw damage(page, `entry ${i} of page ${page} lies outside of it`);
    }
    return at;
  }

  return { damage, nodes, nodeAt, separator };
}
