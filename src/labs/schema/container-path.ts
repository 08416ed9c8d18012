import { z } from 'zod';
import { absolutePath } from '../../config/values.ts';

/** Folders of the kernel's own: nothing can be put or mounted there. */
const KERNEL_FOLDERS = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** A place in the container, and none of the kernel's. */
export const containerPath = absolutePath('in the container such as /etc/motd').refine(
  (path) => !KERNEL_FOLDERS.test(path),
  { error: "is the kernel's own; take another place" },
);

/** A path below the lab's folder, as written. That it stays there on the disk is checked where it is opened. */
export const labPath = z
  .string()
  .max(1024)
  .regex(/^(?:[^/\p{Cc}]+\/)*[^/\p{Cc}]+$/u, {
    error: "must be a path below the lab's folder such as home/notes.md",
    abort: true,
  })
  .refine((path) => !path.split('/').includes('..'), {
    error: "must stay in the lab's folder: it must not have .. in it",
  });
