import { computed, effect, signal } from '@preact/signals';

/** Light or dark, as a person chose; `system`: as the system has it. */
export const theme = signal<'system' | 'light' | 'dark'>('system');

const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(darkSystem.matches);
darkSystem.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches;
});

/** Whether the page is dark now. What draws on a canvas draws again when it changes. */
export const isDark = computed(() =>
  theme.value === 'system' ? systemIsDark.value : theme.value === 'dark',
);

effect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

/** Light to dark, dark to light. */
export function switchTheme(): void {
  theme.value = isDark.value ? 'light' : 'dark';
}
