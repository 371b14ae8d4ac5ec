/** The look of the page: system fonts, light and dark by the reader's choice, nothing loaded from anywhere. */
import { themes, themeVariables } from './theme.ts'

export const pageStyle = `
:root { color-scheme: light dark; --panel: #f5f7fa; --accent: #0b5cad; ${themeVariables(themes.light)} }
@media (prefers-color-scheme: dark) { :root { --panel: #1a2029; --accent: #7cb8f2; ${themeVariables(themes.dark)} } }
* { box-sizing: border-box }
[hidden], .hidden { display: none }
.hidden[role=status] { display: block; position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--background) }
main { max-width: 84rem; margin: 0 auto; padding: 1.25rem 1.25rem 4rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem }
header p, #facts p { margin: .1rem 0; color: var(--muted); font-size: .9rem; overflow-wrap: anywhere } header .partial { color: var(--warn) }
form { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: end; margin: 1rem 0; padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem }
form[hidden] { display: none }
.control { border: 0; margin: 0; padding: 0; display: flex; flex-direction: column; gap: .2rem; font-size: .9rem }
.control label, legend { color: var(--muted); padding: 0; float: left } .control output { color: var(--ink); font-variant-numeric: tabular-nums }
.choices > div { display: flex; clear: both } .choices label { float: none; color: var(--ink); cursor: pointer }
.choices input { position: absolute; opacity: 0; pointer-events: none }
.choices span { display: block; padding: .25rem .7rem; border: 1px solid var(--line); border-right-width: 0; background: var(--background) }
.choices label:first-child span { border-radius: .35rem 0 0 .35rem } .choices label:last-child span { border-radius: 0 .35rem .35rem 0; border-right-width: 1px }
.choices input:checked + span { background: var(--accent); border-color: var(--accent); color: var(--background) }
.choices input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px }
.check { display: flex; gap: .4rem; align-items: center; padding: .3rem 0 }
.buttons { flex-direction: row; gap: .4rem }
input[type=search], select, button { font: inherit; color: var(--ink); background: var(--background); border: 1px solid var(--line); border-radius: .35rem; padding: .25rem .6rem }
input[type=range] { width: 11rem; accent-color: var(--accent) } input[type=checkbox] { accent-color: var(--accent) }
button { cursor: pointer }
:is(button, input, select, .scroll):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.stage { display: grid; grid-template-columns: minmax(0, 1fr) 18rem; gap: 1.5rem; align-items: start }
figure { margin: 0; overflow-x: auto } svg { display: block; width: 100%; min-width: 52rem; max-width: 62rem; height: auto; margin: 0 auto }
aside { position: sticky; top: 1rem; font-size: .92rem; overflow-wrap: anywhere } #details { padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; min-height: 14rem }
#facts { margin: 1rem 1rem 0 } #facts p { margin: .45rem 0; font-size: .85rem }
aside h2 { margin: 0 0 .35rem; font-size: 1rem } aside p { margin: .3rem 0 } aside ol { margin: .3rem 0; padding-left: 1.4rem } aside .hint { color: var(--muted); font-size: .85rem }
.arc, .ribbon, .cell, text.label { cursor: pointer }
.arc:focus, text.label:focus { outline: none } .arc:focus-visible { stroke: var(--ink); stroke-width: 3 } text.label:focus-visible { text-decoration: underline; font-weight: bold }
svg.dim .ribbon:not(.lit) { fill-opacity: .06 } svg.dim .arc:not(.lit) { opacity: .35 } svg.dim text.label:not(.lit) { opacity: .45 }
svg.dim .ribbon.lit { fill-opacity: .75 } svg.dim .cell:not(.lit), svg.dim .number:not(.lit) { opacity: .25 } .arc.pinned { stroke: var(--ink); stroke-width: 2 } text.pinned { font-weight: bold }
.scroll { overflow: auto; max-height: 32rem; border: 1px solid var(--line); border-radius: .5rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem .75rem; border-bottom: 1px solid var(--line) }
.number { text-align: right } thead th { position: sticky; top: 0; background: var(--panel); padding: 0 }
thead button { width: 100%; border: 0; border-radius: 0; background: none; padding: .4rem .75rem; text-align: inherit; font-weight: 600; white-space: nowrap }
th[aria-sort=ascending] button::after { content: " ▲" } th[aria-sort=descending] button::after { content: " ▼" }
tfoot td { font-weight: 600; border-bottom: 0; position: sticky; bottom: 0; background: var(--panel) }
@media (max-width: 60rem) { .stage { grid-template-columns: minmax(0, 1fr) } aside { position: static } }
@media (forced-colors: active) { .arc { stroke: CanvasText } .choices input:checked + span { outline: 2px solid Highlight } }
@media (prefers-reduced-motion: no-preference) { .ribbon, .arc, text.label { transition: fill-opacity .12s, opacity .12s } }
@media print { form, aside { display: none } .scroll { max-height: none; overflow: visible } .stage { display: block } }
`
