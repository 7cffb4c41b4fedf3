"""Run a repro over a matrix of versions, tell a hang from a failure, and find where it changed."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("bisectrix")
except PackageNotFoundError:  # imported from a source tree by somebody's noxfile, before any install
    __version__ = "0+source"
