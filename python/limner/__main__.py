"""`python3 -m limner` is the program: `python3 -m limner generate --help`."""

import os
import sys

from limner._places import program


def main():
    file = program()
    if not file:
        sys.exit("limner: the program `limner` is neither in this package nor on "
                 "the search path")
    os.execv(file, ["limner", *sys.argv[1:]])


if __name__ == "__main__":
    main()
