/** What the command line has around it; handed in, so that tests can make up their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** The home folder of the person who runs the factory. */
  readonly home: string;
  /** Their login name on this machine. */
  readonly login: string;
  /** Text for the person; a line break is added. */
  readonly say: (text: string) => void;
  /** The same for what went wrong. */
  readonly complain: (text: string) => void;
}
