"""Run by Alembic for each upgrade, on the connection that ``upgrade`` gave it."""

from alembic import context

from speechlabel.store.tables import METADATA

connection = context.config.attributes["connection"]
# The caller's transaction holds the whole upgrade, on SQLite too.
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
