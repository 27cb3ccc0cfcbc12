"""What can go wrong between the service and its database, in three kinds."""


class StoreError(Exception):
    """The database could not do what was asked; the message is one sentence for a person."""


class StoreUnavailableError(StoreError):
    """The database is away, full, locked or read-only: nothing was written, try again later."""


class NewerSchemaError(StoreError):
    """The database was written by a newer version of Zixun than this one."""
