"""The account_data extension."""

from syncv3.extension import Extension


class AccountData(Extension):
    """See the module."""

    name = "account_data"
