"""What the look of a model's governance file has of its own."""

STYLE = """
.long { display: inline-block; min-width: 17rem; max-width: 44ch; white-space: normal; color: var(--soft); }
.mark { display: inline-block; padding: 0 .45rem; border-radius: .2rem; font-weight: 600; font-size: .8rem; }
.pass { background: #e6f2e9; color: #1c5c2e; }
.warn { background: #fbeed7; color: #7a4800; }
.fail { background: #f8dadd; color: #8f0e17; }
.told, .not-judged { background: #eceff1; color: #455a64; }
"""
