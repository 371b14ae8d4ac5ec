/** The look of the page: system fonts, light and dark by the reader's choice, nothing loaded from anywhere. */
export const pageStyle = `
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --page: #fff; --panel: #f5f7fa; --line: #d9dfe7;
  --good: #0f7b5f; --bad: #c53030; --warn: #96600f; --focus: #2f6fde }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --soft: #9aa6b5; --page: #12161c; --panel: #1a2029;
  --line: #2e3743; --good: #4cc9a4; --bad: #fc8181; --warn: #e0b04d; --focus: #6a9ff5 } }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2.25rem 0 .6rem }
p { margin: .25rem 0 } .soft, caption { color: var(--soft) }
.good { color: var(--good) } .bad { color: var(--bad); font-weight: 600 } .warn { color: var(--warn) }
dl { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0 }
dl div { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .55rem .9rem; min-width: 7.5rem }
dt { color: var(--soft); font-size: .8rem } dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums }
.scroll { overflow: auto; border: 1px solid var(--line); border-radius: .5rem; max-height: 34rem }
.scroll:focus-visible, a:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top }
tbody tr:last-child > * { border-bottom: 0 } tbody th { font-weight: 600 }
thead th { position: sticky; top: 0; background: var(--panel); font-weight: 600; color: var(--soft); font-size: .85rem }
.number { display: block; text-align: right; min-width: 4rem } td, tbody th { overflow-wrap: anywhere }
code { font: .92em ui-monospace, monospace }
`
