import type { LabSource } from '../lab-source.ts';
import type { CompiledLab } from './compiled-lab.ts';
import { SAMPLE_SECRET, type TemplateContext } from './template-context.ts';

/** Longest value of a hook that templates take; bytes of UTF-8. */
const LONGEST_VALUE = 65_536;

/** What templates can name, but for `host` and `session`. All are the lab's own copies: nothing leads to an object of ours. */
export function templateVariables(
  source: LabSource,
  compiled: CompiledLab,
  context: TemplateContext,
): object {
  const { user, groups, role, domain, given } = context;
  return {
    username: user,
    environment: source.name,
    lab: source.name,
    groups: [...groups],
    role,
    domain,
    secrets: source.policy.secretsOf(source.name) ?? sampleSecrets(compiled),
    values: Object.fromEntries(compiled.values.map((name) => [name, givenValue(given.values, name)])),
  };
}

/** Given values that are too long for any place, by name. */
export function overlongValues({ values }: CompiledLab, { given }: TemplateContext): readonly string[] {
  return values.filter((name) => Buffer.byteLength(givenValue(given.values, name)) > LONGEST_VALUE);
}

/** Empty until the hook has answered, and where it left it out. */
function givenValue(values: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(values, name) ? (values[name] ?? '') : '';
}

function sampleSecrets({ secrets }: CompiledLab): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.map((name) => [name, SAMPLE_SECRET]));
}
