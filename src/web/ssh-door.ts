/** Where students come in, as they name it. */
export interface SshDoor {
  readonly domain: string;
  readonly port: number;
}

/** Of a lab on the student's own machine: what they type there. */
export interface LocalDoor {
  readonly domain: string;
  readonly command: string;
}

/** What to type: `ssh alice@lab.example.org`, with -p where the port is not SSH's own; or the command of a local door. */
export function doorCommand(user: string, door: SshDoor | LocalDoor): string {
  return 'command' in door ? door.command : sshCommand(user, door);
}

export function sshCommand(user: string, { domain, port }: SshDoor): string {
  const login = `${user}@${domain}`;
  return port === 22 ? `ssh ${login}` : `ssh -p ${port} ${login}`;
}
