"""``python -m speechlabel.cli``."""

from speechlabel.cli import main

main()
