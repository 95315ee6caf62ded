/** The shortest program of a kind that has a cause, and the same without it. */
export interface Example {
  readonly language: 'Python' | 'Node' | 'Ruby' | 'Go' | 'shell';
  readonly slow: string;
  readonly fast: string;
}

/** By cause, one for each language; none where the cause depends on the program, or lies outside of it. */
export type Examples = Readonly<Record<string, readonly Example[]>>;
