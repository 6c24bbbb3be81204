"""The receipts extension."""

from syncv3.extension import Extension


class Receipts(Extension):
    """See the module."""

    name = "receipts"
