"""How often a job was begun: one that takes its server with it is not begun for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    attempts = sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("job", attempts)


def downgrade() -> None:
    op.drop_column("job", "attempts")
