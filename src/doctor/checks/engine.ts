import { release } from 'node:os';
import type { Check } from '../check.ts';
import type { EngineInfo } from '../engine-answer.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import { isAtLeast, parseVersion } from '../version.ts';

/** The oldest engine that the factory is known to work with. */
export const OLDEST_ENGINE = [20, 10] as const;

export const engine: Check = {
  needs: 'nothing',
  limit: 40_000,
  look: async (site) => {
    const answer = await site.engine;
    if (answer.answers) return judgeEngine(answer.info, release());
    return noEngine(answer.reason, site.dockerHost);
  },
};

/** `kernel`: the release of this machine's own. */
export function judgeEngine(info: EngineInfo, kernel: string): Judgement {
  const judgements = [judgeVersion(info.ServerVersion), judgePlace(info, kernel), judgeRoot(info)];
  return together(judgements, `Docker ${info.ServerVersion} answers`);
}

function judgeVersion(text: string): Judgement {
  const version = parseVersion(text);
  const oldest = OLDEST_ENGINE.join('.');
  if (version === undefined) {
    return doubtful(`the engine calls its version "${text}"; ${oldest} or newer is needed`, 'docker version');
  }
  if (isAtLeast(version, OLDEST_ENGINE)) return right(text);
  return wrong(
    `Docker ${text} is too old: ${oldest} is the oldest that is known to work`,
    'https://docs.docker.com/engine/install/   # install a newer one',
  );
}

/** The factory and Traefik reach nodes by the addresses of bridges, which only the engine's own machine has. */
function judgePlace({ KernelVersion }: EngineInfo, kernel: string): Judgement {
  if (KernelVersion === kernel || KernelVersion === '') return right('on this machine');
  return doubtful(
    `the engine runs on another kernel (${KernelVersion}) than this machine (${kernel}); it has to be on the same machine`,
    'unset DOCKER_HOST   # or run the factory where the engine is',
  );
}

function judgeRoot({ SecurityOptions }: EngineInfo): Judgement {
  if (SecurityOptions?.some((option) => option.startsWith('name=rootless')) !== true) return right('rootful');
  return doubtful(
    'the engine runs rootless; the factory has not been tried with one that does',
    'docker context use default',
  );
}

function noEngine(reason: Error, dockerHost: string | undefined): Judgement {
  if (dockerHost !== undefined && dockerHost !== '') {
    return wrong(
      `no Docker engine answers at DOCKER_HOST=${dockerHost}`,
      'unset DOCKER_HOST   # or start the engine there',
    );
  }
  if (codeOf(reason.cause) === 'EACCES') {
    return wrong(
      'this user may not use the Docker engine',
      'sudo usermod -aG docker "$USER"   # then log out and in',
    );
  }
  return wrong('no Docker engine answers', 'sudo systemctl enable --now docker', 'docker version');
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
