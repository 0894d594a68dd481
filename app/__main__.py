"""`python -m app` is the `clv` command."""

from app.cli import main

main()
