/**
 * Colours of a picture. Files get hexadecimal ones, as renderers paint what they do not know black; pages name variables.
 * Up to seven hues, told apart by colour-blind readers too (after Okabe and Ito); everybody else is grey, never a hue twice.
 */

export type ThemeName = 'light' | 'dark'

export interface Theme {
  readonly background: string
  readonly ink: string
  readonly muted: string
  readonly line: string
  /** for what is to be noticed */
  readonly warn: string
  readonly hues: readonly string[]
  readonly grey: string
  /** from the least to the most, for matrices */
  readonly low: string
  readonly high: string
  readonly ribbonOpacity: string
}

export const hueCount = 7

export const themes: Readonly<Record<ThemeName, Theme>> = {
  light: {
    background: '#ffffff',
    ink: '#1b1f24',
    muted: '#57606a',
    line: '#d0d7de',
    warn: '#9a3412',
    hues: ['#0072b2', '#d55e00', '#008a65', '#b5508a', '#8a6d00', '#2b8cc4', '#7a4a3a'],
    grey: '#7d8590',
    low: '#e3eef6',
    high: '#00426b',
    ribbonOpacity: '0.5',
  },
  dark: {
    background: '#12161c',
    ink: '#e6edf3',
    muted: '#9aa4af',
    line: '#363d47',
    warn: '#f0a875',
    hues: ['#4aa8e0', '#f07c2e', '#22b98c', '#dd86b6', '#d8b93c', '#93d5f8', '#c99582'],
    grey: '#7f8a96',
    low: '#1c3245',
    high: '#9bd7ff',
    ribbonOpacity: '0.55',
  },
}

/** The same roles as variables of a style sheet: `var(--hue-0)`. */
export const pageTheme: Theme = {
  background: 'var(--background)',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  warn: 'var(--warn)',
  hues: Array.from({ length: hueCount }, (_, index) => `var(--hue-${index})`),
  grey: 'var(--grey)',
  low: 'var(--low)',
  high: 'var(--high)',
  ribbonOpacity: 'var(--ribbon-opacity)',
}

/** The variables that `pageTheme` names. */
export function themeVariables(theme: Theme): string {
  const { hues, ...single } = theme
  const named = Object.entries(single).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    value,
  ])
  const numbered = hues.map((hue, index) => [`hue-${index}`, hue])
  return [...named, ...numbered].map(([name, value]) => `--${name}:${value}`).join(';')
}
