"""Changes of contracts."""

import sqlalchemy as sa


def without(tables: sa.MetaData, table: str, column: str) -> None:
    """Remove a column from a contract, with its constraints and indexes."""
    old = tables.tables[table]
    columns = [
        sa.Column(
            each.name,
            each.type,
            *(sa.ForeignKey(k.target_fullname, name=k.name, ondelete=k.ondelete) for k in keys),
            primary_key=each.primary_key,
            nullable=each.nullable,
            server_default=each.server_default,
        )
        for each, keys in ((each, each.foreign_keys) for each in old.columns)
        if each.name != column
    ]
    uniques = [
        sa.UniqueConstraint(*each.columns.keys(), name=each.name)
        for each in old.constraints
        if isinstance(each, sa.UniqueConstraint) and column not in each.columns
    ]
    indexes = [sa.Index(i.name, *i.columns.keys()) for i in old.indexes if column not in i.columns]
    tables.remove(old)
    sa.Table(table, tables, *columns, *uniques, *indexes)


def execute(connection: sa.Connection, statements: str) -> None:
    """Run statements."""
    connection.execute(sa.text(statements))
