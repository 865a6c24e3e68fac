import subprocess
import sys

from tests.support.project import ROOT


def test_parsers_import_no_database_and_no_dlt() -> None:
    code = (
        "import sys, pkgutil, importlib, loader.parsing\n"
        "for module in pkgutil.iter_modules(loader.parsing.__path__, 'loader.parsing.'):\n"
        "    importlib.import_module(module.name)\n"
        "print({'dlt', 'duckdb', 'psycopg', 'pyarrow', 'urllib3', 'dotenv'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert result.stdout.decode().strip() == "set()"
