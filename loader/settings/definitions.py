"""All settings, each with its default, the pattern of its values and a hint for wrong values."""

from typing import NamedTuple

from loader.blobs.opening import NAME_OR_URL, STORES
from loader.workspace import SCHEMES
from loader.workspace.kinds import WITH_CONTENTS

DATABASE_HINT = (
    "Add it to .env:\n\n    DATABASE_URL=postgresql://user:pass@host/db?sslmode=require\n\n"
    "Special characters in it are percent-encoded, such as @ as %40.\n"
    "Get it from: Neon Console → Project → Connection Details.\n"
    "To load into DuckDB, with no database at all: python -m loader run --target local"
)
# All URL parsers find the same host in these. Otherwise a secret could go to another host.
_API_URL = (
    r"(?:https://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])|http://(?:localhost|127\.0\.0\.1|\[::1\]))"
    r"(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%/-]*)?"
)
_API_HINT = "Leave it out for {}; secrets go to https addresses and to this machine only."
_VERCEL_API, _NEON_API = "https://vercel.com/api/blob", "https://console.neon.tech/api/v2"


class Setting(NamedTuple):
    """A setting's default, the pattern of its values, and the hint for a wrong value."""

    default: str = ""
    pattern: str = r"[\s\S]*"
    hint: str = ""


_KINDS = "|".join(WITH_CONTENTS)
_FLAG = Setting("", "(?i:true|false|1|0)", "Use true or false.")
DATABASE_URLS = ("DATABASE_URL", "DATABASE_URL_DEV", "DATABASE_URL_STAGING", "DATABASE_URL_PROD")
WITH_PASSWORDS = (*DATABASE_URLS, "HTTPS_PROXY", "https_proxy")
# Only their libraries read the credentials of object stores. `redacted` hides them in messages.
SECRETS = (
    *("BLOB_READ_WRITE_TOKEN", "NEON_API_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_CONNECTION_STRING"),
    "AZURE_STORAGE_CLIENT_SECRET",
)
SETTINGS = {
    "ENABLE_NEON_DB_STORAGE": _FLAG,
    "NEON_ENV": Setting("dev", "dev|staging|prod", "Use dev, staging or prod: NEON_ENV=dev."),
    **dict.fromkeys(DATABASE_URLS, Setting(hint=DATABASE_HINT)),
    "ENABLE_VERCEL_BLOB_UPLOAD": _FLAG,
    "BLOB_READ_WRITE_TOKEN": Setting(
        pattern="vercel_blob_rw_[A-Za-z0-9]+_[!-~]+",
        hint="Get it from: Vercel → Storage → your store → .env.local, and add it to .env:\n\n"
        "    BLOB_READ_WRITE_TOKEN=vercel_blob_rw_…",
    ),
    "BLOB_STORE": Setting(pattern=NAME_OR_URL.pattern, hint=f"Use one of {STORES}."),
    "BLOB_ACCESS": Setting(
        "private", "(?i:private|public)", "Use private or public: what the store was made as."
    ),
    "BLOB_CONCURRENCY": Setting("8", "[1-9]|[1-5][0-9]|6[0-4]", "Use a number from 1 to 64."),
    "VERCEL_BLOB_API_URL": Setting(_VERCEL_API, _API_URL, _API_HINT.format(_VERCEL_API)),
    "NEON_API_KEY": Setting(
        hint="Make one in Neon Console → Account settings → API keys, and add it to .env."
    ),
    "NEON_PROJECT_ID": Setting(hint="Copy it from Neon Console → Project → Settings into .env."),
    "NEON_API_URL": Setting(_NEON_API, _API_URL, _API_HINT.format(_NEON_API)),
    "TRIGGERED_BY": Setting(),
    "TEAM": Setting(),
    "REPORT_TYPE": Setting("weekly", r"[\w.-]+", "Use weekly, 1on1, team or dashboard."),
    "CONFIG_FILE": Setting(),
    "PARTS_URL": Setting(
        pattern=rf"({'|'.join(SCHEMES)})://.+|(?![^/:]*://).+",
        hint=f"Use one of {', '.join(f'{each}://' for each in SCHEMES)}, or a folder's path.",
    ),
    "MAX_FILE_MB": Setting(  # PostgreSQL stores texts of up to 1 GB
        "100", "[1-9][0-9]{0,2}|1000", "Use a number from 1 to 1000."
    ),
    "CONTENT": Setting(
        ",".join(sorted(WITH_CONTENTS)),
        rf"none|(?:{_KINDS})(?: *, *(?:{_KINDS}))*",
        f"Use none, or some of {', '.join(sorted(WITH_CONTENTS))}, with commas between them.",
    ),
    "SLACK_CONTENT": _FLAG,
    "FINAL_SCHEMA": Setting(  # same pattern as in macros/objects.sql
        "public",
        r"(?!(raw|seeds|bookkeeping|reporting|content|warehouse|main|information_schema)$|pg_)[a-z_][a-z0-9_]{0,62}",
        "Use small letters, digits and _; the schemas raw, seeds, bookkeeping, reporting, content,"
        " warehouse and main have other uses.",
    ),
    "HTTPS_PROXY": Setting(
        pattern=r"(?:https?://)?(?:[^\s/@]+@)?[^\s/@]+/?",
        hint="Use http://proxy:8080, or http://user:password@proxy:8080, percent-encoded.",
    ),
    "NO_PROXY": Setting(),
    "REQUESTS_CA_BUNDLE": Setting(),
    "CURL_CA_BUNDLE": Setting(),
    "SSL_CERT_FILE": Setting(),
    "WAREHOUSE_DIR": Setting(".warehouse"),
    "DEBUG": Setting(),
}
