import { Client } from 'ssh2';

export interface RawLogin {
  readonly host: string;
  readonly port: number;
  /** Any bytes: an ssh client of ours sends what OpenSSH's would not. */
  readonly username: string;
  /** PEM or OpenSSH format. */
  readonly privateKey: string;
}

/** Tries to log in with a user name that no client would let through; resolves with what became of it. */
export async function tryRawLogin(login: RawLogin, timeout = 60_000): Promise<'in' | 'refused'> {
  const client = new Client();
  try {
    return await new Promise<'in' | 'refused'>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('neither in nor refused')), timeout);
      const settle = (outcome: 'in' | 'refused') => {
        clearTimeout(late);
        resolve(outcome);
      };
      client.on('ready', () => settle('in'));
      client.on('error', () => settle('refused'));
      client.on('close', () => settle('refused'));
      client.connect({ ...login, readyTimeout: timeout });
    });
  } finally {
    client.destroy();
  }
}
