/** Reads the fields of a body in the words of this API, and remembers the first refusal. */
import type { ParticipantRole, Priority } from '../../domain/event.ts';
import { canonicalUuid } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';

/** A 400 about one field. */
export function invalid(path: string, message: string): Problem {
  return new Problem('invalid_request', message, { fields: [{ path, reason: 'invalid' }] });
}

const visible = /^[^\s\p{C}]+$/u;
const encoder = new TextEncoder();

/**
 * Every method answers null for a field that is absent, null or refused. Whoever reads a body asks for
 * `problem` at the end, before using what was read.
 */
export class Fields {
  problem: Problem | null = null;

  refuse(path: string, message: string): null {
    this.problem ??= invalid(path, message);
    return null;
  }

  text(value: unknown, path: string, charsMax: number): string | null {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') return this.refuse(path, `${path} must be a string`);
    return value.length <= charsMax
      ? value
      : this.refuse(path, `${path} must have at most ${charsMax} characters`);
  }

  /** In lower case. */
  uuid(value: unknown, path: string): string | null {
    if (value === undefined || value === null) return null;
    const uuid = typeof value === 'string' ? canonicalUuid(value) : null;
    return uuid ?? this.refuse(path, `${path} must be a UUID`);
  }

  /** Visible characters; UUIDs in lower case. Null for an empty text, too. */
  principalId(value: unknown, path: string): string | null {
    const text = this.text(value, path, limits.principalIdCharsMax);
    if (text === null || text === '') return null;
    return visible.test(text) ? (canonicalUuid(text) ?? text) : this.refuse(path, `${path} is not an id`);
  }

  metadata(value: unknown): Record<string, unknown> | null {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'object' || Array.isArray(value)) {
      return this.refuse('metadata', 'metadata must be an object');
    }
    this.#limitBytes(JSON.stringify(value), 'metadata', limits.metadataBytesMax);
    return value as Record<string, unknown>;
  }

  /** Required and truthy, or empty where that is allowed; what is no string is written as JSON. */
  content(value: unknown, mayBeEmpty = false): string {
    if (!value && !(mayBeEmpty && value === ''))
      return this.refuse('content', 'Message content is required') ?? '';
    const content = typeof value === 'string' ? value : JSON.stringify(value);
    this.#limitBytes(content, 'Message content', limits.contentBytesMax);
    return content;
  }

  /** In UTF-8; only where it may matter is the text encoded. */
  #limitBytes(text: string, what: string, bytesMax: number): void {
    if (text.length * 3 <= bytesMax) return;
    if (text.length <= bytesMax && encoder.encode(text).length <= bytesMax) return;
    this.problem ??= new Problem('too_large', `${what} must be at most ${bytesMax} bytes`);
  }
}

export function isPriority(value: unknown): value is Priority {
  return value === 'low' || value === 'normal' || value === 'high' || value === 'critical';
}

export function isRole(value: unknown): value is ParticipantRole {
  return value === 'owner' || value === 'admin' || value === 'member';
}
