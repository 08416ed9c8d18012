import { httpUrl } from '../composition/public-urls.ts';
import type { RunningFactory } from '../composition/running-factory.ts';
import type { FactoryConfig } from '../config/factory-config.ts';
import { isLoopback } from '../config/key-source-url.ts';
import { sshCommand } from '../web/ssh-door.ts';

/** What to type next, once everything answers. */
export function welcome(config: FactoryConfig, { ssh, web, routes }: RunningFactory['endpoints']): string {
  const user = anyMember(config) ?? '<user>';
  const host = isLoopback(ssh.host) ? 'localhost' : config.domain;
  const app = httpUrl(`${user}.${config.domain}`, routes.http.port);
  return [
    'The factory is ready. Connect with',
    '',
    `    ${sshCommand(user, { domain: host, port: ssh.port })}`,
    '',
    `What runs behind an Ingress there is at ${app}; the front page is ${web.url}.`,
    'Ctrl-C stops the factory.',
  ].join('\n');
}

function anyMember({ groups }: FactoryConfig): string | undefined {
  return groups.flatMap(({ members }) => members).find((member) => member !== '*');
}
