"""What is wrong with a command or its surroundings, as one line for whoever typed it."""


class BadInputError(Exception):
    """The command cannot be done as it was given; the message is one clear sentence."""


def sentence(error: BaseException) -> str | None:
    """The one line for an error that the person can mend, or None for one that is ours."""
    from bot.desk.calendar import CalendarError
    from bot.desk.keys import SecretKeyError
    from bot.settings import SettingsError
    from bot.store.errors import StoreError
    from knowledge.guides import GuideError
    from knowledge.office import OfficeError

    known = (
        BadInputError, SettingsError, StoreError, OfficeError, GuideError, CalendarError,
        SecretKeyError,
    )  # fmt: skip
    return str(error) if isinstance(error, known) else None
