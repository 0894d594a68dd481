"""The look of a model's governance file."""

STYLE = """
:root { --ink: #1a1a1a; --soft: #595959; --line: #d9d9d9; }
body { margin: 0 auto; max-width: 1320px; padding: 1.5rem 1.25rem 4rem; background: #fff; color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.25rem 0 .75rem; padding-top: .75rem; border-top: 2px solid var(--ink); font-size: 1.4rem; }
h3 { margin: 1rem 0 .5rem; font-size: 1rem; }
p, ul { margin: 0 0 .75rem; max-width: 90ch; }
.note { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
table { border-collapse: collapse; font-size: .82rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .55rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap;
  vertical-align: top; }
th { border-bottom: 2px solid var(--soft); vertical-align: bottom; }
.left { text-align: left; }
.long { display: inline-block; min-width: 17rem; max-width: 44ch; white-space: normal; color: var(--soft); }
.mark { display: inline-block; padding: 0 .45rem; border-radius: .2rem; font-weight: 600; font-size: .8rem; }
.pass { background: #e6f2e9; color: #1c5c2e; }
.warn { background: #fbeed7; color: #7a4800; }
.fail { background: #f8dadd; color: #8f0e17; }
.told, .not-judged { background: #eceff1; color: #455a64; }
summary { cursor: pointer; margin: .5rem 0; }
"""
