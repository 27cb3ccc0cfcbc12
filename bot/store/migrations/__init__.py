"""The schema's history: Alembic revisions, run by bot.store.migrate."""
