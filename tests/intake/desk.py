"""What an officer fills in at the desk, where nothing is special about a question."""

import re

CHECKED = {
    f"check_{item}": "no"
    for item in (
        "unique_office",
        "known_relative",
        "unique_event",
        "small_group_small_place",
        "exact_dates",
    )
}
TEXT = "Is insulin of both kinds available in Gyumri, and what does it cost each month?"
TRIAGE = {"country": "AM", "region": "Gyumri", "topic": "health.medication", "topic_2": ""}


def explained(page: str) -> dict[str, str]:
    """Everything that the desk suggests on a page is left as it is, for the first reason."""
    fields = {"shown": re.search(r'name="shown" value="([^"]*)"', page)[1]}  # type: ignore[index]
    for mark, options in re.findall(r'name="keep_(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        reasons = re.findall(r'value="(\w+)"', options)
        fields |= {f"do_{mark}": "keep", f"keep_{mark}": reasons[0]}
    return fields
