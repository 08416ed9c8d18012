/**
 * What `source` gives, and `sign` whenever it gave nothing for `every` ms. The source has to come to its end by itself when nobody
 * reads on: it is not waited for.
 */
export async function* withKeepAlive(
  source: AsyncIterable<string>,
  sign: string,
  every: number,
): AsyncGenerator<string> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (let next = iterator.next(); ; ) {
      const outcome = await within(next, every);
      if (outcome === 'late') {
        yield sign;
        continue;
      }
      if (outcome.done) return;
      yield outcome.value;
      next = iterator.next();
    }
  } finally {
    // One that waits for its next value takes the call in only then.
    void iterator.return?.();
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | 'late'> {
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
