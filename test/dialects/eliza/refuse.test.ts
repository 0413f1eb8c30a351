import t from 'tap';
import {
  CodedProblem,
  refuseAsServer,
  refuseCoded,
  refuseInText,
  refuseSessionWith,
} from '../../../src/dialects/eliza/refuse.ts';
import { Problem } from '../../../src/domain/problem.ts';

const refuseSession = refuseSessionWith({ nowMicros: () => 1_767_225_600_000_000 });
const families = { refuseCoded, refuseInText, refuseSession, refuseAsServer };
const badId = new Problem('invalid_request', 'agentId has the wrong form.', {
  fields: [{ path: 'agentId', reason: 'format' }],
});

t.test('each group of routes has its body', async (t) => {
  t.match(refuseCoded(badId), {
    status: 400,
    body: { success: false, error: { code: 'INVALID_ID', message: 'agentId has the wrong form.' } },
  });
  t.same(refuseInText(new Problem('not_found', 'Channel not found')), {
    status: 404,
    body: { success: false, error: 'Channel not found' },
  });
  const details = { missingFields: ['userId'] };
  t.same(
    refuseSession(
      new CodedProblem('invalid_request', 'VALIDATION_ERROR', 'Missing required fields', details),
    ),
    {
      status: 400,
      body: {
        error: {
          ...{ code: 'VALIDATION_ERROR', message: 'Missing required fields', details },
          timestamp: '2026-01-01T00:00:00.000000Z',
        },
      },
    },
  );
  t.same(refuseAsServer(new Problem('forbidden', 'no')), {
    status: 403,
    body: { success: false, error: { message: 'no', code: 403 } },
  });
});

t.test('what never reaches a route is refused alike everywhere', async (t) => {
  for (const [name, refuse] of Object.entries(families)) {
    t.same(
      refuse(new Problem('unauthenticated')),
      {
        status: 401,
        body: { error: 'API key required', message: 'Missing or invalid X-API-KEY header' },
      },
      name,
    );
    t.same(
      refuse(new Problem('not_found', 'There is no such path.', { reason: 'unknown_path' })).body,
      { success: false, error: { message: 'API endpoint not found', code: 404 } },
      name,
    );
    t.match(
      refuse(new Problem('invalid_request', 'no JSON', { reason: 'invalid_json' })),
      { status: 400, body: { success: false, error: { code: 400 } } },
      name,
    );
    t.match(
      refuse(new Problem('unsupported_media_type')),
      { status: 400, body: { success: false, error: { code: 'INVALID_CONTENT_TYPE' } } },
      name,
    );
    t.match(
      refuse(new Problem('rate_limited')),
      { status: 429, body: { success: false, error: { code: 'RATE_LIMIT_EXCEEDED' } } },
      name,
    );
  }
});
