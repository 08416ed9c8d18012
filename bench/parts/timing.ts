/** Runs `action` and adds how long it took to `samples`, ms. */
export async function timed(samples: number[], action: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await action();
  samples.push(performance.now() - began);
}

/**
 * Lets each of them have its turn in every round, after what the round begins with. Who is first changes from round to
 * round, so that a machine that gets busier or quieter favours nobody.
 */
export async function inTurn(
  rounds: number,
  turns: ReadonlyArray<() => Promise<void>>,
  begin: () => Promise<void> = async () => {},
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await begin();
    const first = round % turns.length;
    for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) await turn();
  }
}
