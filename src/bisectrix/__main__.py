"""`python -m bisectrix` is `bisectrix`."""

from bisectrix.cli.main import main

if __name__ == "__main__":
    main()
