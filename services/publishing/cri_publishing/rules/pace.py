"""How much the worker does in a turn, and how often it has one."""

TEND_SECONDS = 10
TENDED_AT_ONCE = 50  # entries whose dates ask for something
VISITED_AT_ONCE = 4  # web pages
