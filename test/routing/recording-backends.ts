import { RecordingBackend } from './recording-backend.ts';

/** That many, each on a loopback address of its own whose ports 80 and 443 were free. All of 127.0.0.0/8 is the loopback. */
export async function recordingBackends(count: number): Promise<readonly RecordingBackend[]> {
  const backends: RecordingBackend[] = [];
  const second = 64 + Math.floor(Math.random() * 128);
  for (let index = 1; backends.length < count; index++) {
    if (index > 60_000) throw new Error('no free loopback addresses');
    const backend = await RecordingBackend.on(`127.${second}.${index >> 8}.${index & 255}`);
    if (backend !== undefined) backends.push(backend);
  }
  return backends;
}
