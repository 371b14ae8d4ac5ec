/** The look of the page: system fonts, light and dark by the reader's choice, nothing loaded from anywhere. */
export const style = `
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --page: #fff; --panel: #f5f7fa; --line: #d9dfe7;
  --plan: #8a94a3; --commands: #b7791f; --builds: #2f6fde; --hashing: #0f8a6c; --compression: #8b5cd6;
  --requests: #c2571a; --destination: #b83280; --names: #5b6675 }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --soft: #9aa6b5; --page: #12161c; --panel: #1a2029;
  --line: #2e3743; --plan: #76818f; --commands: #d69e2e; --builds: #6a9ff5; --hashing: #38b795; --compression: #a98be6;
  --requests: #e0834d; --destination: #df6bab; --names: #9aa6b5 } }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 2.25rem 0 .6rem }
p { margin: .25rem 0 } .soft, caption { color: var(--soft) }
dl.totals { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0 }
dl.totals div { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .55rem .9rem; min-width: 7.5rem }
dl.totals dt { color: var(--soft); font-size: .8rem } dl.totals dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums }
.scroll { overflow: auto; border: 1px solid var(--line); border-radius: .5rem; max-height: 34rem }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--builds); outline-offset: 2px }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top }
tbody tr:last-child > * { border-bottom: 0 } tbody th { font-weight: 600 }
thead th { position: sticky; top: 0; background: var(--panel); font-weight: 600; color: var(--soft); font-size: .85rem; z-index: 1 }
.number { text-align: right } td.wrap { white-space: normal; overflow-wrap: anywhere }
code { font: .92em ui-monospace, monospace }
ul.reasons { margin: 0; padding-left: 1.1rem } ul.reasons li { overflow-wrap: anywhere }
svg { display: block; width: 100%; min-width: 48rem; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: var(--text) } svg .soft { fill: var(--soft) }
svg .grid { stroke: var(--line) } svg .group { fill: var(--panel) }
table.matrix td { text-align: center; padding: .2rem .3rem } table.matrix { width: auto } table.matrix thead th { text-align: center; vertical-align: bottom; padding: .4rem .35rem }
table.matrix thead th:first-child { text-align: left; left: 0; z-index: 2; padding-left: .75rem }
table.matrix thead span { writing-mode: vertical-rl; font: .85em ui-monospace, monospace }
table.matrix tbody th { position: sticky; left: 0; background: var(--page) }
.cell { display: inline-block; width: 1rem; height: 1rem; border-radius: .2rem; border: 1px solid var(--line); line-height: .9rem; text-align: center; font-size: .7rem; vertical-align: middle }
.hashed { background: var(--hashing); border-color: var(--hashing); color: var(--page) } .sent { background: var(--destination); border-color: var(--destination); color: var(--page) }
.known { background: var(--panel); color: var(--soft) } .base { border-style: dashed; color: var(--soft) }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: 0 0 .6rem; padding: 0; list-style: none; color: var(--soft); font-size: .9rem }
.failed { color: #c53030; font-weight: 600 } @media (prefers-color-scheme: dark) { .failed { color: #fc8181 } }
@media print { .scroll { overflow: visible; max-height: none } }
`
