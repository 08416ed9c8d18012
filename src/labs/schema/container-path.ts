import { z } from 'zod';

/** Folders of the kernel's own: nothing can be put or mounted there. */
const KERNEL_FOLDERS = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** A place in the container: absolute, normalised, and no place of the kernel's. */
export const containerPath = z
  .string()
  .max(1024)
  // Docker's short form of a mount cuts at colons.
  .regex(/^(?:\/[^/:\p{Cc}]+)+$/u, {
    error: 'must be an absolute path in the container such as /etc/motd, without a colon',
    abort: true,
  })
  .refine((path) => !/\/\.{1,2}(?:\/|$)/.test(path), { error: 'must not have . or .. in it', abort: true })
  .refine((path) => !KERNEL_FOLDERS.test(path), { error: "is the kernel's own; take another place" });

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
