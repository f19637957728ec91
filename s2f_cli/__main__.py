"""`python -m s2f_cli` is `s2f`."""

from s2f_cli.cli.app import main

if __name__ == "__main__":
    main()
