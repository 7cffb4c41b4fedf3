"""TOML and PEP 723 text into trustworthy values, with every mistake named by its key path; pure."""
