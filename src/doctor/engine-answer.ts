import { z } from 'zod';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { engineInfo } from '../docker-engine/engine-info.ts';
import { asFactoryError, type FactoryError } from '../errors/factory-error.ts';

/** What the engine tells about itself, as far as checks want it (Docker Engine API, "Get system information"). */
const infoSchema = z.object({
  ServerVersion: z.string().default(''),
  Driver: z.string().default(''),
  CgroupVersion: z.string().default(''),
  DockerRootDir: z.string().default(''),
  KernelVersion: z.string().default(''),
  SystemTime: z.string().default(''),
  SecurityOptions: z.array(z.string()).nullish(),
});

export type EngineInfo = z.output<typeof infoSchema>;

export interface AnsweringEngine {
  readonly answers: true;
  readonly engine: DockerEngine;
  readonly info: EngineInfo;
  /** How far its clock is ahead of ours; ms, undefined where it does not say. */
  readonly clockOffset: number | undefined;
}

export type EngineAnswer = AnsweringEngine | { readonly answers: false; readonly reason: FactoryError };

/** ms; an engine that is busy takes its time, and one that hangs never answers. */
const ANSWER_LIMIT = 30_000;

/** Asks the engine that `connect` leads to about itself. Never rejects. */
export async function askEngine(connect: () => DockerEngine, signal: AbortSignal): Promise<EngineAnswer> {
  try {
    const engine = connect();
    const asked = Date.now();
    const info = infoSchema.parse(await engineInfo(engine, signal, ANSWER_LIMIT));
    return { answers: true, engine, info, clockOffset: offset(info.SystemTime, asked, Date.now()) };
  } catch (thrown) {
    return { answers: false, reason: asFactoryError(thrown) };
  }
}

/** It looked at its clock some time between the question and the answer; only what lies outside of that is an offset. */
function offset(systemTime: string, asked: number, answered: number): number | undefined {
  const theirs = Date.parse(systemTime);
  if (Number.isNaN(theirs)) return undefined;
  if (theirs < asked) return theirs - asked;
  return Math.max(0, theirs - answered);
}
