"""What the look of the monitoring page has of its own."""

STYLE = """
:root { --fine: #0072b2; --raw: #b26a00; --sure: #c1121f; }
.notes { margin: 0 0 1rem; padding: .75rem 1rem .75rem 2rem; border-left: 4px solid var(--sure);
  background: var(--wash); }
.blocks h3 { margin-top: 0; }
.blocks { display: flex; flex-wrap: wrap; gap: 1.5rem 2rem; align-items: flex-start; }
td.sure, text.sure { color: var(--sure); fill: var(--sure); font-weight: 600; }
td.raw, text.raw { color: var(--raw); fill: var(--raw); }
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
