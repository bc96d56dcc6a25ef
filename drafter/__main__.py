"""`python -m drafter`, where the console script is not on hand."""

from drafter.cli import main

main()
