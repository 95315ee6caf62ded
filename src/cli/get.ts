import type { Command } from 'commander';
import { getDefinition } from './get/options.ts';

/** `abreast get`. */
export function getCommand(): Command {
  return getDefinition();
}
