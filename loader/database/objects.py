"""Track the objects that this project owns, in `bookkeeping.objects`.

Others may use the same database. Changes, drops and grants touch only listed objects. The loader
lists raw tables before it creates them. A dbt model or seed lists itself in the transaction that
creates it (macros/objects.sql).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from loader.database.warehouse import Warehouse
from loader.errors import WarehouseError
from loader.settings import Settings
from loader.tables import BOOKKEEPING, CONTENT, DATASET, FINAL_TABLES, object_names

# Same statement as in macros/objects.sql. An empty `object_name` means the schema itself.
_TABLE = """
    create table if not exists bookkeeping.objects (
        schema_name text not null,
        object_name text not null,
        origin text not null check (origin in ('created', 'adopted')),
        since timestamp with time zone not null default current_timestamp,
        primary key (schema_name, object_name)
    )
"""
_RECORD = """
    insert into bookkeeping.objects (schema_name, object_name, origin)
    values (%s, %s, %s)
    on conflict (schema_name, object_name) do nothing
"""
_RECORDED = "select schema_name, object_name, origin from bookkeeping.objects order by 1, 2"
# The last column: whether this role may read bookkeeping.objects.
_DUCKDB_NAMES = """
    select table_schema, table_name, true
    from information_schema.tables
    where table_catalog = current_database() and table_schema = any(%s)
"""
# In PostgreSQL, relations and types share their names: a type prevents a table of the same name.
_POSTGRES_NAMES = """
    select
        nspname,
        relname,
        nspname <> 'bookkeeping' or relname <> 'objects' or (
            has_schema_privilege(pg_namespace.oid, 'USAGE')
            and has_table_privilege(pg_class.oid, 'SELECT')
        )
    from pg_catalog.pg_class
    inner join pg_catalog.pg_namespace on relnamespace = pg_namespace.oid
    where nspname = any(%s) and relkind not in ('i', 'I', 't')
    union
    select nspname, typname, true
    from pg_catalog.pg_type
    inner join pg_catalog.pg_namespace on typnamespace = pg_namespace.oid
    where nspname = any(%s) and typrelid = 0 and typcategory <> 'A'
"""
_TYPES = """
    select column_name, lower(data_type)
    from information_schema.columns
    where table_schema = %s and table_name = %s
"""
# For releases before bookkeeping.objects.
_IS_BUILT = "select exists (select 1 from bookkeeping.applied_loads where applied_at is not null)"
_IS_OUR_RAW = "select exists (select 1 from raw._dlt_version where schema_name = 'workspace')"

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of a database that have our names.

    Args:
        ours: Schema and name of the objects that we created or adopted. Schemas have an empty name.
        adopted: The objects among `ours` that others created.
        foreign: Schema and name of the objects that others created under our names.
        there: Schema and name of all objects in our schemas, ours or not.
    """

    ours: frozenset[Name]
    adopted: frozenset[Name]
    foreign: tuple[Name, ...]
    there: frozenset[Name]

    @property
    def is_listed(self) -> bool:
        """Return whether `bookkeeping.objects` exists."""
        return ("bookkeeping", "objects") in self.there

    @property
    def has_environment(self) -> bool:
        """Return whether our table with the environment exists."""
        return ("bookkeeping", "environment") in self.ours & self.there


def read(warehouse: Warehouse, more: Iterable[str] = ()) -> Objects:
    """Distinguish our objects from those of others.

    Args:
        warehouse: The database.
        more: Additional tables and views, with their schemas, that count as our names.

    Returns:
        The objects. `foreign` is empty if the role may not read `bookkeeping.objects`.
    """
    names = {schema: set(some) for schema, some in object_names(warehouse.final_schema).items()}
    for schema, _, name in (each.partition(".") for each in more):
        names.setdefault(schema, set()).add(name)
    if warehouse.is_postgres:
        found = warehouse.fetch(_POSTGRES_NAMES, [list(names)] * 2)
    else:
        found = warehouse.fetch(_DUCKDB_NAMES, [list(names)])
    there = frozenset((schema, name) for schema, name, _ in found)
    named = {(schema, name) for schema, name in there if name in names[schema]}
    if ("bookkeeping", "objects") not in there:
        ours = _of_earlier_release(warehouse, there, named)
        return Objects(ours, frozenset(), tuple(sorted(named - ours)), there)
    if not all(may_read for *_, may_read in found):
        return Objects(frozenset(named), frozenset(), (), there)
    recorded = warehouse.fetch(_RECORDED)
    ours = frozenset((schema, name) for schema, name, _ in recorded)
    adopted = frozenset((schema, name) for schema, name, origin in recorded if origin == "adopted")
    return Objects(ours, adopted, tuple(sorted(named - ours)), there)


def check(warehouse: Warehouse, settings: Settings) -> Objects:
    """Read the objects of a database; raise like `refuse`."""
    found = read(warehouse)
    refuse(found, settings)
    return found


def refuse(objects: Objects, settings: Settings) -> None:
    """Refuse a database in which others created objects under our names.

    Raises:
        WarehouseError: Such objects exist, or our final tables are not in FINAL_SCHEMA.
    """
    moved = {
        schema
        for schema, name in objects.ours
        if name in FINAL_TABLES and schema not in (DATASET, settings.final_schema)
    }
    if moved:
        schema = min(moved)
        message = (
            f"The final tables of this database are in the schema {schema!r}, and FINAL_SCHEMA"
            f" names {settings.final_schema!r}. Nothing was written.\n"
            f"Set FINAL_SCHEMA={schema}."
        )
        raise WarehouseError(message)
    if objects.foreign:
        raise WarehouseError(_refusal(objects.foreign, settings))


def check_adoptable(warehouse: Warehouse, found: Objects) -> None:
    """Refuse to take over tables with incompatible ids.

    Raises:
        WarehouseError: A table's `id` is not a UUID.
    """
    for schema, name in found.foreign:
        if schema in (warehouse.final_schema, CONTENT):
            types = dict(warehouse.fetch(_TYPES, [schema, name]))
            if (kind := types.get("id")) != "uuid":
                what = f"has the type {kind}" if kind else "is missing"
                ways = _ways_out(found.foreign, warehouse.settings)
                message = (
                    f"Cannot adopt {schema}.{name}: its column id {what}, and ours is a uuid."
                    " Nothing was adopted. Choose one:\n" + "\n".join(f"- {way}" for way in ways)
                )
                raise WarehouseError(message)


def _refusal(foreign: Collection[Name], settings: Settings) -> str:
    shown = [f"{schema}.{name}" for schema, name in foreign]
    is_one = len(shown) == 1
    adopt = (
        f"If {'it comes' if is_one else 'they come'} from a copy that pg_dump -n made, or from the"
        f" system that this project replaces, adopt {'it' if is_one else 'them'} once:"
        f" python -m loader schema adopt --target {settings.target}"
    )
    ways = [adopt, *_ways_out(foreign, settings)]
    return (
        f"Already there, and not created by this project: {', '.join(shown)}. Nothing was written."
        " Choose one:\n" + "\n".join(f"- {way}" for way in ways)
    )


def _ways_out(foreign: Collection[Name], settings: Settings) -> list[str]:
    """Return the ways to keep both, as macros/objects.sql does: only one schema is a setting."""
    fixed = sorted({schema for schema, _ in foreign} - {settings.final_schema})
    ways = []
    if any(schema == settings.final_schema for schema, _ in foreign):
        ways.append("Use another schema for the final tables, as FINAL_SCHEMA=orchestrator")
    ways += [
        f"{'rename' if ways else 'Rename'} their schema, for ours cannot have another name:"
        f" alter schema {schema} rename to NAME"
        for schema in fixed
    ]
    if not settings.database:  # DuckDB cannot rename a schema
        return [*[f"{each}." for each in ways if not fixed], "Use another file: set WAREHOUSE_DIR."]
    return [f"{'; '.join(ways)}.", "Use another database: set DATABASE_URL."]


def create(warehouse: Warehouse, objects: Objects) -> None:
    """Create `bookkeeping.objects`, and list the objects of an earlier release.

    Args:
        warehouse: The database, without this table.
        objects: The result of `read`.
    """
    with warehouse.transaction():
        _create(warehouse, objects)


def _create(warehouse: Warehouse, objects: Objects) -> None:
    ours = {*objects.ours, *(("bookkeeping", name) for name in BOOKKEEPING)}
    # Check first, because creating a schema needs a right on the database, which a writer lacks.
    if "bookkeeping" not in warehouse.schemas():
        warehouse.execute("create schema bookkeeping")
        ours.add(("bookkeeping", ""))
    warehouse.execute(_TABLE)
    _insert(warehouse, ours, "created")


def record(warehouse: Warehouse, schema: str, names: Iterable[str]) -> None:
    """List objects before they are created, and their schema if it does not exist yet."""
    is_new = schema not in warehouse.schemas()
    _insert(warehouse, [(schema, name) for name in ("",) * is_new + tuple(names)], "created")


def adopt(warehouse: Warehouse, objects: Objects) -> None:
    """List the objects that others created under our names as ours.

    Args:
        warehouse: The database, in a transaction.
        objects: The result of `read`.
    """
    if not objects.is_listed:
        _create(warehouse, objects)
    _insert(warehouse, objects.foreign, "adopted")


def _insert(warehouse: Warehouse, names: Iterable[Name], origin: str) -> None:
    for schema, name in sorted(names):
        warehouse.execute(_RECORD, [schema, name, origin])


def _of_earlier_release(
    warehouse: Warehouse, there: frozenset[Name], named: set[Name]
) -> frozenset[Name]:
    """Return the objects of a release before `bookkeeping.objects`, as in macros/objects.sql.

    A build creates the tables, then records in the ledger which loads it has applied. Before the
    first record, the final tables and views may belong to somebody else.
    """
    has_ledger = ("bookkeeping", "applied_loads") in there
    has_loads = (DATASET, "_dlt_version") in there and warehouse.fetch(_IS_OUR_RAW)[0][0]
    if not has_ledger and not has_loads:
        return frozenset()
    is_built = has_ledger and warehouse.fetch(_IS_BUILT)[0][0]
    ours = {name for name in named if is_built or name[0] in {DATASET, "seeds", "bookkeeping"}}
    return frozenset(
        ours | {(schema, "") for schema, _ in ours if schema != warehouse.final_schema}
    )
