"""Which suites one worker runs, where several share the run."""

from xdist.scheduler import LoadScopeScheduling

HOUSES = {
    "tests/browser/": "played demo",
    "tests/journeys/": "played demo",
    "tests/security/test_canaries.py": "played demo",
    "tests/security/test_fuzz.py": "played demo",
    "tests/faults/": "faults",
}


class SharedHouses(LoadScopeScheduling):
    """A file goes to one worker; suites that share a costly house all go to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        """The house of a test, or its file."""
        file = nodeid.partition("::")[0]
        return next((house for suite, house in HOUSES.items() if file.startswith(suite)), file)
