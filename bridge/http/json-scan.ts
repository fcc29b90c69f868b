/** Looks at JSON before and after it is parsed: depth, number of containers, forbidden keys and values. Pure. */
import { BridgeError } from '../errors.ts';

const MAX_DEPTH = 64;
/** More than a batch of 1,000,000 `{path, ref}` objects needs; hostile brackets cost memory otherwise. */
const MAX_CONTAINERS = 1_100_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * A check to be called with the pieces of one text as they arrive: UTF-8 JSON, valid or not, cut anywhere. It throws
 * `bad_request` before anything is allocated.
 */
export function createShapeCheck(): (piece: Uint8Array) => void {
  let depth = 0;
  let containers = 0;
  let isInText = false;
  let isEscaped = false;
  return (piece) => {
    for (let index = 0; index < piece.length; index++) {
      const byte = piece[index];
      if (isInText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInText = false;
      } else if (byte === QUOTE) isInText = true;
      else if (byte === 0x5b || byte === 0x7b) {
        depth += 1;
        containers += 1;
        if (depth > MAX_DEPTH) throw tooDeep();
        if (containers > MAX_CONTAINERS) throw tooMany();
      } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    }
  };
}

/**
 * Throws `bad_request` for keys that reach prototypes, numbers that are not finite (`1e999`), and NUL in text (no path
 * may have it). The recursion is bounded by the check of the shape.
 */
export function checkValues(value: unknown): void {
  if (typeof value === 'string') checkText(value);
  else if (typeof value === 'number') checkNumber(value);
  else if (Array.isArray(value)) for (const element of value) checkValues(element);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      checkKey(key, member);
      checkValues(member);
    }
  }
}

function checkKey(key: string, member: unknown): void {
  checkText(key);
  const reaches =
    key === 'constructor' &&
    typeof member === 'object' &&
    member !== null &&
    Object.hasOwn(member, 'prototype');
  if (key === '__proto__' || reaches) {
    throw new BridgeError('bad_request', `the key "${key}" is not allowed in a body`);
  }
}

function checkText(text: string): void {
  if (text.includes('\0'))
    throw new BridgeError('bad_request', 'text in a body must not contain the NUL character');
}

function checkNumber(value: number): void {
  if (!Number.isFinite(value)) throw new BridgeError('bad_request', 'numbers in a body must be finite');
}

function tooDeep(): BridgeError {
  return new BridgeError('bad_request', `the body is nested deeper than ${MAX_DEPTH} levels`);
}

function tooMany(): BridgeError {
  return new BridgeError('bad_request', `the body has more than ${MAX_CONTAINERS} lists and objects`);
}
