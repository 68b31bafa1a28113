"""Run the migrations on the connection that `migrate` hands over."""

from alembic import context

from serving.review.tables import make_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=make_tables().metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
