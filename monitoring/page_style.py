"""The look of the monitoring page."""

STYLE = """
:root { --ink: #1a1a1a; --soft: #595959; --line: #d9d9d9; --wash: #f5f7f9; --fine: #0072b2; --raw: #b26a00;
  --sure: #c1121f; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1320px; padding: 1.5rem 1.25rem 4rem; background: #fff; color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 2px solid var(--ink); font-size: 1.4rem; }
h3 { margin: 0 0 .5rem; font-size: 1rem; }
p { margin: 0 0 .75rem; max-width: 80ch; }
.note { color: var(--soft); font-size: .85rem; max-width: 100ch; }
.notes { margin: 0 0 1rem; padding: .75rem 1rem .75rem 2rem; border-left: 4px solid var(--sure);
  background: var(--wash); }
.blocks { display: flex; flex-wrap: wrap; gap: 1.5rem 2rem; align-items: flex-start; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .82rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .55rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; }
th.name, td.name { text-align: left; }
thead th { border-bottom: 2px solid var(--soft); vertical-align: bottom; }
td.sure, text.sure { color: var(--sure); fill: var(--sure); font-weight: 600; }
td.raw, text.raw { color: var(--raw); fill: var(--raw); }
summary { cursor: pointer; margin: .5rem 0; }
svg { max-width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .head { font-weight: 600; }
svg .tick { fill: var(--soft); font-size: 11px; }
svg .band { fill: #e6f2e9; }
svg .grid { stroke: #e3e3e3; }
svg .one { stroke: #8a8a8a; }
svg .expected { fill: #c9ced3; }
svg line.fine { stroke: var(--fine); stroke-width: 1.6; }
svg line.raw { stroke: var(--raw); stroke-width: 1.6; }
svg line.sure { stroke: var(--sure); stroke-width: 1.6; }
svg circle.fine, svg rect.fine { fill: var(--fine); }
svg circle.raw, svg rect.raw { fill: var(--raw); }
svg circle.sure, svg rect.sure { fill: var(--sure); }
svg .of-early, svg .of-established { opacity: .45; }
svg .curve { fill: none; stroke-width: 1.8; }
"""
