"""Tables for spreadsheet programs, in which nobody's text can become a formula."""

import csv
import io
from collections.abc import Iterable

# What spreadsheet programs take for the beginning of a formula (OWASP, "CSV Injection").
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else


def row(cells: Iterable[object]) -> str:
    """One line of a CSV file, RFC 4180; an apostrophe keeps a text from being a formula."""
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_BEGINS_A_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
