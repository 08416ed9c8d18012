/** Where students come in, as they name it. */
export interface SshDoor {
  readonly domain: string;
  readonly port: number;
}

/** What to type: `ssh alice@lab.example.org`, with -p where the port is not SSH's own. */
export function sshCommand(user: string, { domain, port }: SshDoor): string {
  const login = `${user}@${domain}`;
  return port === 22 ? `ssh ${login}` : `ssh -p ${port} ${login}`;
}
