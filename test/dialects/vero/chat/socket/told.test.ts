import fc from 'fast-check';
import t from 'tap';
import { type Told, untoldAfter, withPages } from '../../../../../src/dialects/vero/chat/socket/told.ts';

const liveAfter = 40;
const fresh: Told = { liveAfter, pages: null };

/** One resume: the seqs that it tells, at most `limit` of them, and what is told then. */
function resume(
  before: Told,
  lastSeq: number,
  limit: number,
): { readonly seqs: number[]; readonly told: Told } {
  const { after, upTo: end } = untoldAfter(before, lastSeq);
  const upTo = Math.min(end, after + limit);
  const seqs = Array.from({ length: Math.max(0, upTo - after) }, (_, at) => after + 1 + at);
  return { seqs, told: withPages(before, { after, upTo }) };
}

const seq = fc.integer({ min: 0, max: liveAfter + 5 });
const limit = fc.integer({ min: 1, max: liveAfter });

t.test('whoever pages on is told all that was before, once', async (t) => {
  const always = fc.property(seq, fc.array(limit, { minLength: 1, maxLength: 60 }), (lastSeq, limits) => {
    const seen: number[] = [];
    let told = fresh;
    for (let at = 0; at < 100; at += 1) {
      const next = resume(told, lastSeq, limits[at % limits.length] ?? 1);
      seen.push(...next.seqs);
      told = next.told;
    }
    const missing = Array.from({ length: Math.max(0, liveAfter - lastSeq) }, (_, at) => lastSeq + 1 + at);
    return JSON.stringify(seen) === JSON.stringify(missing);
  });
  t.doesNotThrow(() => fc.assert(always));
});

t.test('wherever a client jumps, what is withheld was told', async (t) => {
  const always = fc.property(fc.array(fc.tuple(seq, limit), { maxLength: 30 }), (resumes) => {
    const seen = new Set<number>();
    let told = fresh;
    return resumes.every(([lastSeq, limit]) => {
      const next = resume(told, lastSeq, limit);
      told = next.told;
      for (const one of next.seqs) seen.add(one);
      const { pages } = told;
      const withheld = (one: number): boolean =>
        (one > told.liveAfter && one <= liveAfter) ||
        (pages !== null && one > pages.after && one <= pages.upTo);
      return Array.from({ length: liveAfter }, (_, at) => at + 1).every(
        (one) => !withheld(one) || seen.has(one),
      );
    });
  });
  t.doesNotThrow(() => fc.assert(always));
});

t.test('what is told already is not told by the same resume again', async (t) => {
  const always = fc.property(fc.array(fc.tuple(seq, limit), { maxLength: 30 }), seq, (resumes, lastSeq) => {
    const told = resumes.reduce((before, [from, limit]) => resume(before, from, limit).told, fresh);
    const first = resume(told, lastSeq, liveAfter);
    const again = resume(first.told, lastSeq, liveAfter);
    return again.seqs.every((one) => !first.seqs.includes(one));
  });
  t.doesNotThrow(() => fc.assert(always));
});
