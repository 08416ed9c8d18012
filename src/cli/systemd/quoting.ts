/**
 * Text for a unit file, so that systemd reads it as it is: `%` begins a specifier everywhere (systemd.unit(5), "SPECIFIERS").
 * For settings that take the whole rest of the line, such as WorkingDirectory=.
 */
export function literal(text: string): string {
  return text.replaceAll('%', '%%');
}

/** One word of a setting that takes several, such as ReadWritePaths= and Environment= (systemd.syntax(7), "QUOTING"). */
export function word(text: string): string {
  const escaped = literal(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

/**
 * The program of ExecStart=, where `$` is no variable. systemd takes none whose path holds a quote or a backslash; it says so
 * when it reads the unit.
 */
export const executable = word;

/** One argument of ExecStart=, where `$` begins a variable as well (systemd.service(5), "COMMAND LINES"). */
export function argument(text: string): string {
  return word(text).replaceAll('$', '$$$$');
}
