/** The look of the page: system fonts, light and dark by the reader's choice, nothing loaded from anywhere. */
import { themes, themeVariables } from './theme.ts'

export const pageStyle = `
:root { color-scheme: light dark; ${themeVariables(themes.light)} }
@media (prefers-color-scheme: dark) { :root { ${themeVariables(themes.dark)} } }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--background) }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem }
p { margin: .25rem 0; color: var(--muted) } .partial { color: var(--warn) }
figure { margin: 0 } svg { display: block; width: 100%; max-width: 62rem; height: auto; margin: 0 auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem .75rem; border-bottom: 1px solid var(--line) }
td:last-child { text-align: right }
`
