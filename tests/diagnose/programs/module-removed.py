# /// script
# requires-python = "==3.12.*"
# dependencies = ["httpx==0.28.1"]
# ///
"""Names that newer releases no longer have; the look-alikes miss a file, and import in a circle."""

import sys
from pathlib import Path


def module():
    import imp

    print(imp)


def name():
    from collections import Mapping

    print(Mapping)


def attribute():
    import pkgutil

    pkgutil.ImpImporter


def circle():
    Path("orders.py").write_text("from customers import Customer\n\nclass Order: pass\n")
    Path("customers.py").write_text("from orders import Order\n\nclass Customer: pass\n")
    sys.path.insert(0, ".")
    import orders

    print(orders)


FACES = {
    "true": module,
    "true-name": name,
    "true-attribute": attribute,
    "lookalike": lambda: open("imp.py"),
    "lookalike-circle": circle,
}


FACES[sys.argv[1]]()
