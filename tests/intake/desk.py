"""What an officer fills in at the desk, where nothing is special about a question."""

CHECKED = {
    f"check_{item}": "yes"
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
