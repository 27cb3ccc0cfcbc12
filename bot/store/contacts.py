"""Where to reply: encrypted, apart from the consultation, so that it can be deleted."""

from sqlalchemy import Connection, delete, select

from bot.store.tables import consultations, contacts


def keep(connection: Connection, consultation_id: int, *, sealed: bytes) -> None:
    """Keep the encrypted contact of a consultation."""
    connection.execute(contacts.insert(), {"consultation_id": consultation_id, "sealed": sealed})


def of_consultation(connection: Connection, consultation_id: int) -> bytes | None:
    """The encrypted contact, or None when there was none or it was deleted."""
    return connection.execute(
        select(contacts.c.sealed).where(contacts.c.consultation_id == consultation_id)
    ).scalar_one_or_none()


def delete_of_asker(connection: Connection, asker: bytes) -> int:
    """Delete the contacts of all that asker's consultations; returns how many."""
    theirs = select(consultations.c.id).where(consultations.c.asker == asker)
    return connection.execute(
        delete(contacts).where(contacts.c.consultation_id.in_(theirs))
    ).rowcount
