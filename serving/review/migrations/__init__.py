"""Alembic migrations; `serving.review.database.migrate` runs them."""
