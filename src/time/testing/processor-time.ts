/**
 * How long the processors worked since, in ms: in this process, with its garbage collector. What it takes doesn't depend on
 * what else the machine does, so it tells what is slow from what had to wait for its turn.
 */
export function startProcessorTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
}
