/** Values that the declarations' examples share, so that all documents tell one story. */
export const exampleValues = {
  tenant: '0193a1e2-1c40-7a52-8d13-5b7f9e210c34',
  user: '0193a1e2-1c41-7b0e-9f6a-2d8c4e615a77',
  agent: 'assistant:iris',
  email: 'ada@example.org',
  person: 'Ada Lovelace',
  organization: 'Analytical Engines',
  slug: 'analytical-engines',
  conversation: '0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b10',
  message: '0193a1f0-9c02-7e4d-b1a5-3c5d7f90e821',
  event: '0193a1f0-9c03-7d11-a2b6-4e6f8a01d932',
  run: '0193a1f0-9bff-7a90-8c7e-1f2a3b4c5d6e',
  at: '2026-11-20T10:00:00.123456Z',
  epoch: 'mhz4k1c0',
  cursor: 'mhz4k1c0:5',
  /** Shortened: they are longer. */
  accessToken: 'eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.eyJzdWIiOiIwMTkzYTFlMiJ9.c2lnbmF0dXJl',
  refreshToken: 'rt_4f1c9b2e8d7a6053',
  apiKey: 'pk_3d9f2a71c8e64b05',
} as const;
