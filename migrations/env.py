"""Alembic's entry: migrations run on the URL that `segmentarium.storage.database` gives."""

from alembic import context

from segmentarium.storage.database import make_engine
from segmentarium.storage.tables import Table


def run() -> None:
    """Run the migrations in one transaction."""
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=Table.metadata,
                render_as_batch=connection.dialect.name == "sqlite",
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
