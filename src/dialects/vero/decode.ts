/** What a schema cannot say about a request: lengths in code points, zones, addresses, cursors. */
import { fieldProblem } from '../../contract/checking/field-errors.ts';
import { limits } from '../../domain/limits.ts';
import { type FieldError, Problem } from '../../domain/problem.ts';
import type { PageQuery } from '../../ports/identity/identity-records.ts';
import type { NewAgent, ProfileChanges, Signup } from '../../ports/identity/identity-service.ts';
import { codePoints } from './code-points.ts';
import { cursorText } from './cursor-text.ts';
import type { AgentRequest, PageParameters, ProfileRequest, SignupRequest } from './wire.ts';

const emailCharsMax = 254;
const emailPattern = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u;
const zonePattern = /^[A-Za-z][A-Za-z0-9_+/-]*$/;
const agentIdPattern = /^[^\s\p{C}]+$/u;

/** Collects what is wrong with the fields of one request. */
class Fields {
  readonly #errors: FieldError[] = [];

  /** Bounds in code points. */
  text(path: string, value: string | undefined, min: number, max: number): void {
    if (value === undefined) return;
    const length = codePoints(value, max);
    if (length < min) this.#errors.push({ path, reason: 'too_short', limit: min });
    else if (length > max) this.#errors.push({ path, reason: 'too_long', limit: max });
  }

  /** A text of which something can be seen. */
  name(path: string, value: string | undefined, max: number = limits.displayNamePointsMax): void {
    this.text(path, value, 1, max);
    this.rule(path, 'blank', value === undefined || value === '' || value.trim() !== '');
  }

  password(path: string, value: string, email: string | null): void {
    this.text(path, value, 8, 128);
    this.rule(path, 'same_as_email', email === null || canonical(value) !== canonical(email));
  }

  email(path: string, value: string | undefined): void {
    const trimmed = value?.trim();
    if (trimmed === undefined) return;
    if (trimmed.length > emailCharsMax) this.#errors.push({ path, reason: 'too_long', limit: emailCharsMax });
    else this.rule(path, 'format', emailPattern.test(trimmed));
  }

  timezone(path: string, value: string | undefined): void {
    this.rule(path, 'unknown_timezone', value === undefined || isTimezone(value));
  }

  rule(path: string, reason: string, isKept: boolean): void {
    if (!isKept) this.#errors.push({ path, reason });
  }

  get refusal(): Problem | null {
    return this.#errors.length === 0 ? null : fieldProblem(this.#errors);
  }
}

export function decodeSignup(body: SignupRequest): Signup | Problem {
  const fields = new Fields();
  fields.email('email', body.email);
  fields.password('password', body.password, body.email);
  fields.name('display_name', body.display_name);
  if (body.invite_token === undefined) fields.name('tenant_name', body.tenant_name);
  fields.timezone('timezone', body.timezone);
  return (
    fields.refusal ?? {
      email: body.email,
      password: body.password,
      displayName: body.display_name ?? null,
      tenantName: body.tenant_name ?? null,
      phone: body.phone ?? null,
      timezone: body.timezone ?? null,
      inviteToken: body.invite_token ?? null,
    }
  );
}

/** The three fields of a profile; at least one. */
export function decodeProfile(body: ProfileRequest): ProfileChanges | Problem {
  const { display_name: displayName, avatar_url: avatarUrl, timezone } = body;
  if (displayName === undefined && avatarUrl === undefined && timezone === undefined)
    return nothingToChange();
  const fields = new Fields();
  fields.name('display_name', displayName);
  fields.timezone('timezone', timezone);
  fields.rule('avatar_url', 'format', avatarUrl === undefined || avatarUrl === null || isHttps(avatarUrl));
  return (
    fields.refusal ?? {
      ...(displayName === undefined ? {} : { displayName }),
      ...(avatarUrl === undefined ? {} : { avatarUrl }),
      ...(timezone === undefined ? {} : { timezone }),
    }
  );
}

export function decodeAgent(body: AgentRequest): NewAgent | Problem {
  const fields = new Fields();
  fields.name('display_name', body.display_name);
  fields.text('id', body.id, 1, limits.principalIdCharsMax);
  fields.rule('id', 'format', body.id === undefined || body.id === '' || agentIdPattern.test(body.id));
  fields.text('job_title', body.job_title, 0, 120);
  fields.text('bio', body.bio, 0, 1000);
  return (
    fields.refusal ?? {
      displayName: body.display_name,
      id: body.id ?? null,
      jobTitle: body.job_title ?? null,
      bio: body.bio ?? null,
      isDefaultAgent: body.is_default_agent ?? false,
    }
  );
}

/** Refuses a new password by its form; what it must differ from is known to core. */
export function refuseNewPassword(password: string): Problem | null {
  const fields = new Fields();
  fields.password('new_password', password, null);
  return fields.refusal;
}

export function refuseName(path: string, value: string): Problem | null {
  const fields = new Fields();
  fields.name(path, value);
  return fields.refusal;
}

export function refuseEmail(value: string | undefined): Problem | null {
  const fields = new Fields();
  fields.email('email', value);
  return fields.refusal;
}

export function nothingToChange(): Problem {
  return new Problem('invalid_request', 'The request changes nothing.', {
    fields: [{ path: '', reason: 'empty' }],
  });
}

const cursorPattern = /^(\d{1,16}) ([\s\S]{1,255})$/;

/** Where a page starts, from what encodeCursor() made. */
export function decodePage({ limit = limits.listPageMax, cursor }: PageParameters): PageQuery | Problem {
  if (cursor === undefined) return { limit, after: null };
  const match = cursorPattern.exec(cursorText(cursor));
  if (match === null) return fieldProblem([{ path: 'cursor', reason: 'format' }]);
  return { limit, after: { createdAt: Number(match[1]), id: match[2] ?? '' } };
}

function canonical(text: string): string {
  return text.trim().toLowerCase();
}

function isTimezone(zone: string): boolean {
  if (zone.length > 64 || !zonePattern.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function isHttps(url: string): boolean {
  return /^https:\/\//i.test(url) && URL.canParse(url);
}
