"""Set aside views on the final tables, because PostgreSQL rejects some changes while they exist.

They are dropped before a migration and recreated after it. Views of other people are never lost:
if one does not fit the changed tables, the migration fails and changes nothing. The next build
recreates ours.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import sqlalchemy as sa

from loader.database.refusals import state_of
from loader.errors import SchemaError

# A type that a view uses, and an object that a view depends on.
_IN_THE_WAY = {"0A000", "2BP01"}
_TABLES = """
    select pg_class.oid
    from pg_catalog.pg_class
    inner join bookkeeping.objects
        on relname = object_name and relnamespace = to_regnamespace(schema_name)
    where relkind in ('r', 'p') and schema_name = current_schema()
"""
# The deepest last, because it depends on the others.
_VIEWS = f"""
    with recursive uses as (
        select distinct pg_rewrite.ev_class as view, pg_depend.refobjid as used
        from pg_catalog.pg_depend
        inner join pg_catalog.pg_rewrite on pg_depend.objid = pg_rewrite.oid
        where
            pg_depend.classid = 'pg_rewrite'::regclass
            and pg_depend.refclassid = 'pg_class'::regclass
            and pg_rewrite.ev_class <> pg_depend.refobjid
    ),

    views as (
        select view, 1 as depth from uses where used in ({_TABLES})
        union
        select uses.view, views.depth + 1
        from uses
        inner join views on uses.used = views.view
    )

    select
        pg_class.oid,
        pg_class.oid::regclass::text,
        case relkind when 'm' then 'materialized view' else 'view' end,
        exists (
            select 1
            from bookkeeping.objects
            where object_name = relname and to_regnamespace(schema_name) = relnamespace
        )
    from views
    inner join pg_catalog.pg_class on views.view = pg_class.oid
    where relkind in ('v', 'm')
    group by pg_class.oid, relname, relnamespace, relkind
    order by max(depth), 2
"""  # noqa: S608 - a constant
_GRANTED = """
    select
        {place},
        'grant ' || privilege_type || {column} || ' on ' || {view} || ' to '
        || case grantee when 0 then 'public' else grantee::regrole::text end
        || case when is_grantable then ' with grant option' else '' end
"""
_ON_VIEW = _GRANTED.format(place=4, column="''", view="oid::regclass")
_ON_COLUMN = _GRANTED.format(
    place=4, column="' (' || quote_ident(attname) || ')'", view="attrelid::regclass"
)
# The properties of a view, in order.
_STATEMENTS = f"""
    select statement
    from
        (
            select
                1 as place,
                'create ' || case relkind when 'm' then 'materialized ' else '' end || 'view '
                || oid::regclass
                || coalesce(' with (' || array_to_string(reloptions, ', ') || ')', '')
                || ' as ' || rtrim(pg_get_viewdef(oid), ';')
                || case when relkind = 'm' and not relispopulated then ' with no data' else '' end
                as statement
            from pg_catalog.pg_class
            where oid = :view
            union all
            select 2, pg_get_indexdef(indexrelid) from pg_catalog.pg_index where indrelid = :view
            union all
            select 2, pg_get_ruledef(oid)
            from pg_catalog.pg_rewrite
            where ev_class = :view and rulename <> '_RETURN'
            union all
            select 2, pg_get_triggerdef(oid)
            from pg_catalog.pg_trigger
            where tgrelid = :view and not tgisinternal
            union all
            select
                3,
                'comment on '
                || case
                    when attname is not null
                    then 'column ' || objoid::regclass || '.' || quote_ident(attname)
                    when relkind = 'm' then 'materialized view ' || objoid::regclass
                    else 'view ' || objoid::regclass
                end
                || ' is ' || quote_literal(description)
            from pg_catalog.pg_description
            inner join pg_catalog.pg_class on objoid = pg_class.oid
            left join
                pg_catalog.pg_attribute on objoid = attrelid and objsubid = attnum and attnum > 0
            where objoid = :view and classoid = 'pg_class'::regclass
            union all
            {_ON_VIEW}
            from pg_catalog.pg_class, aclexplode(relacl)
            where oid = :view and grantee <> relowner
            union all
            {_ON_COLUMN}
            from pg_catalog.pg_attribute, aclexplode(attacl)
            where attrelid = :view
            union all
            select 5, 'alter table ' || oid::regclass || ' owner to ' || relowner::regrole
            from pg_catalog.pg_class
            where oid = :view and relowner <> current_user::regrole
        ) as statements
    order by place, statement
"""  # noqa: S608 - constants


class _View(NamedTuple):
    name: str
    kind: str
    is_ours: bool
    statements: Sequence[str]


def around_views(connection: sa.Connection, change: Callable[[], object]) -> None:
    """Change the final tables. If views prevent it, set them aside during the change.

    Args:
        connection: An open transaction on the database.
        change: Makes the change; it may be called twice.

    Raises:
        SchemaError: A view of somebody else does not fit the changed tables.
    """
    try:
        with connection.begin_nested():
            change()
    except sa.exc.DBAPIError as error:
        views = list(_views(connection)) if state_of(error.orig) in _IN_THE_WAY else []
        if not views:
            raise
        with _set_aside(connection, views):
            change()


@contextmanager
def _set_aside(connection: sa.Connection, views: Sequence[_View]) -> Iterator[None]:
    for view in reversed(views):
        _run(connection, f"drop {view.kind} {view.name}")
    yield
    for view in views:
        try:
            with connection.begin_nested():
                for statement in view.statements:
                    _run(connection, statement)
        except sa.exc.DBAPIError as error:
            if not view.is_ours:
                raise SchemaError(
                    f"The {view.kind} {view.name!r}, which somebody else created, does not fit the"
                    f" changed tables: {error.orig}\nNothing was changed. Ask its owner to change"
                    " or drop it, then run the same command again."
                ) from error


def _views(connection: sa.Connection) -> Iterator[_View]:
    if not sa.inspect(connection).has_table("objects", schema="bookkeeping"):
        return
    for oid, name, kind, is_ours in connection.execute(sa.text(_VIEWS.replace("::", r"\:\:"))):
        query = sa.text(_STATEMENTS.replace("::", r"\:\:"))
        statements = connection.scalars(query, {"view": oid}).all()
        yield _View(name, kind, is_ours, statements)


def _run(connection: sa.Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
