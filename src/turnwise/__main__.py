"""`python -m turnwise`: the same as the `turnwise` command."""

from turnwise.cli import main

main()
