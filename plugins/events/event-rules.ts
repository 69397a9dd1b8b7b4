import { isWellFormed } from './json-bounds.js';

export const idLengthMax = 256;
export const productsMax = 100;
export const quantityMax = 1_000_000;

export function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > idLengthMax) return false;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return false;
    if (unit >= 0xd800 && unit <= 0xdfff) return isWellFormed(value) && !hasControl(value, i);
  }
  return true;
}

function hasControl(text: string, from: number): boolean {
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}
