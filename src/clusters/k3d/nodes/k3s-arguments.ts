/** The values of a flag of k3s that takes lists: `--disable=a,b` and `--disable a` in any number. */
export function listFlag(args: readonly string[], flag: string): readonly string[] {
  const values = args.flatMap((arg, index) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
    return arg === flag ? [args[index + 1] ?? ''] : [];
  });
  return values.flatMap((value) => value.split(','));
}
