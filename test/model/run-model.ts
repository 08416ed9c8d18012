// node run-model.ts <runs> <seed>: tells the model's stories until one goes wrong; exits with 1 then.
import fc from 'fast-check';
import { runStory, story } from '../../src/workspaces/testing/story.ts';

const [runs = '100', seed = '1'] = process.argv.slice(2);
const property = fc.asyncProperty(story, async (each) => void (await runStory(each)));
const { failed, numRuns, errorInstance } = await fc.check(property, {
  numRuns: Number(runs),
  seed: Number(seed),
  endOnFailure: true,
});
const first = errorInstance instanceof Error ? errorInstance.message.split('\n')[0] : '';
const verdict = failed ? `story ${numRuns}: ${first}` : `${numRuns} stories, nothing wrong`;
process.stdout.write(`${verdict}\n`);
process.exitCode = failed ? 1 : 0;
