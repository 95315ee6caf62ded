/** A command that says it is a Python. */
export function fakePython(version: string, prefix: string, implementation = 'CPython'): string {
  return `#!/bin/sh\necho '["${implementation}", "${version}", "'"$0"'", "${prefix}"]'\n`;
}
