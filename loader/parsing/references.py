"""Tell keys of Jira issues from texts that only look like keys."""

import re

ISSUE_KEY = r"[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,8}"
# Standards, products and numbered things with the same form. A project with one of these names has
# mentions only in links to its issues.
_NO_PROJECTS = frozenset(
    {
        *("AES", "ANSI", "ASCII", "BASE", "BS", "CE", "CIS", "COVID", "CRC", "CVE", "CWE", "DDR"),
        *(
            "DIN",
            "EN",
            "FIPS",
            "GB",
            "HTTP",
            "IEC",
            "IEEE",
            "ISO",
            "JSR",
            "LTE",
            "MD",
            "MP",
            "MPEG",
        ),
        *("NIST", "OWASP", "PCI", "PEP", "RFC", "RSA", "SARS", "SHA", "SOC", "SSL", "TCP", "TLS"),
        *("UCS", "USB", "UTF", "WCAG", "WPA", "XML"),
        *("CLAUDE", "GEMINI", "GPT", "LLAMA", "PHI", "RTX", "GTX", "PHP", "ES", "IOS", "JDK", "PS"),
        *("GMT", "UTC", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "CET", "CEST"),
        *(
            "MON",
            "TUE",
            "WED",
            "THU",
            "FRI",
            "SAT",
            "SUN",
            "JAN",
            "FEB",
            "MAR",
            "APR",
            "MAY",
            "JUN",
        ),
        *("JUL", "AUG", "SEP", "SEPT", "OCT", "NOV", "DEC", "CW", "KW", "WK", "WW", "FY", "SS"),
        *(
            "DAY",
            "WEEK",
            "MONTH",
            "YEAR",
            "SPRINT",
            "PHASE",
            "STEP",
            "PART",
            "PAGE",
            "LEVEL",
            "TIER",
        ),
        *("ROUND", "ROOM", "TOP", "VERSION", "VER", "TASK", "ITEM", "NO", "NR", "LINE", "CHAPTER"),
        *("PR", "MR", "PRS", "MRS", "HTTPS", "MVP", "OT", "ID", "EMP", "INV"),
    }
)
_PERIOD = re.compile(r"(?:Q[1-4]|H[12]|FY[0-9]{2,4}|V[0-9]{1,3}|S[0-9]{1,2}|W[0-9]{1,2})-")


def is_issue_key(text: str) -> bool:
    """Return whether a text like `ROCKS-214` may be an issue, unlike `UTF-8` and `Q4-2025`."""
    project = text.rpartition("-")[0]
    return project not in _NO_PROJECTS and not _PERIOD.match(text)
