import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';

/** ms. Certificates and tokens of a cluster hold from a moment on. */
export const CLOCK_DOUBTFUL = 30_000;
export const CLOCK_WRONG = 300_000;

export const clock: Check = {
  needs: 'nothing',
  limit: 40_000,
  look: async (site) => {
    const [engine, servers] = await Promise.all([site.engine, site.keyServers]);
    const others = servers.map(({ name, clockOffset }) => ({ name, offset: clockOffset }));
    if (engine.answers) others.unshift({ name: 'the Docker engine', offset: engine.clockOffset });
    return judgeClock(others);
  },
};

/** `offset`: how far the other's clock is ahead of ours; ms, undefined where the other did not tell. */
export function judgeClock(
  others: ReadonlyArray<{ readonly name: string; readonly offset: number | undefined }>,
): Judgement {
  const told = others.flatMap(({ name, offset }) => (offset === undefined ? [] : [{ name, offset }]));
  if (told.length === 0) {
    return doubtful('there was nobody to compare the clock with', 'timedatectl   # is it synchronized?');
  }
  const names = told.map(({ name }) => name).join(', ');
  const limits = { doubtful: CLOCK_DOUBTFUL, wrong: CLOCK_WRONG };
  return together(
    told.map((other) => judgeOffset(other, limits)),
    `agrees with ${names}`,
  );
}

/** `limits`: up to when it is right, and up to when doubtful; ms. */
export function judgeOffset(
  { name, offset }: { readonly name: string; readonly offset: number },
  limits: { readonly doubtful: number; readonly wrong: number },
): Judgement {
  const apart = Math.abs(offset);
  const text = `this machine's clock is ${formatSpan(apart)} ${offset > 0 ? 'behind' : 'ahead of'} that of ${name}`;
  if (apart <= limits.doubtful) return right(text);
  const remedy = ['date', 'sudo timedatectl set-ntp true'];
  return apart <= limits.wrong ? doubtful(text, ...remedy) : wrong(text, ...remedy);
}

function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
