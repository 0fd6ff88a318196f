"""What imported datasets say (split, attributes), and what jobs read and find out."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("image", sa.Column("split", sa.String(length=40), nullable=True))
    op.add_column("annotation", sa.Column("attributes", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("job", sa.Column("source_sha256", sa.String(length=64), nullable=True))
    op.add_column("job", sa.Column("report", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("job", "report")
    op.drop_column("job", "source_sha256")
    op.drop_column("annotation", "attributes")
    op.drop_column("image", "split")
