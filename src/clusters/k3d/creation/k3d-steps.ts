/** Which of k3d's lines (pkg/client/cluster.go) begin a step that is worth telling. */
const STEPS: ReadonlyArray<readonly [RegExp, string]> = [
  [/Prep: Network/, 'making its network'],
  [/Creating node '/, 'creating its node'],
  [/Starting (servers|the initializing server)/, 'starting Kubernetes'],
  [/Starting agents/, 'starting its agents'],
  [/Injecting records/, 'setting up DNS'],
];

/** The step that begins with this line of k3d's output; undefined for most. */
export function stepOfLine(line: string): string | undefined {
  return STEPS.find(([pattern]) => pattern.test(line))?.[1];
}

/** k3d says this when every node's container exists and before it starts the first. */
export function nodesExist(line: string): boolean {
  return /to gather environment information|Starting cluster '/.test(line);
}
