"""Log files: one of each part and day; a line ends after its days, and a full disk ends nothing."""

import asyncio
import datetime as dt
import sys
from pathlib import Path

import pytest
from cri_shared import clock
from cri_stack.logs import Logs, LogSettings, LogsUnusable

NOW = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def logs_in(directory: Path, **environment: str) -> Logs:
    return Logs(directory, LogSettings.told(environment))


class TestKeeping:
    def test_each_day_has_a_file_and_no_line_grows_older_than_fourteen_days(
        self, tmp_path: Path
    ) -> None:
        logs = logs_in(tmp_path)
        for day in range(3):
            with clock.frozen(NOW + day * DAY):
                logs.write("intake", b"a line\n")
                logs.write("intake", b"another\n")
        first, second, third = (tmp_path / f"intake-2026-11-{day}.log" for day in (26, 27, 28))
        assert first.read_bytes() == b"a line\nanother\n"
        with clock.frozen(dt.datetime(2026, 12, 9, 12, tzinfo=dt.UTC)):
            logs.sweep()
        assert first.exists()
        with clock.frozen(dt.datetime(2026, 12, 11, 12, tzinfo=dt.UTC)):
            logs.sweep()
        assert [file.exists() for file in (first, second, third)] == [False, False, True]

    def test_it_is_swept_by_itself(self, tmp_path: Path) -> None:
        logs = logs_in(tmp_path)
        with clock.frozen(NOW):
            logs.write("nats", b"a line\n")

        async def start() -> None:
            keeping = asyncio.create_task(logs.keep())
            await asyncio.sleep(0)
            keeping.cancel()

        with clock.frozen(NOW + 14 * DAY):
            asyncio.run(start())
        assert list(tmp_path.iterdir()) == []

    def test_what_is_no_log_of_ours_stays(self, tmp_path: Path) -> None:
        others = [tmp_path / name for name in ("notes.log", "intake-2020-01-01.txt", "up.lock")]
        for other in others:
            other.write_text("")
        logs_in(tmp_path).sweep()
        assert all(other.exists() for other in others)

    def test_how_long_is_a_setting_with_a_maximum(self, tmp_path: Path) -> None:
        logs = logs_in(tmp_path, CRI_KEEP_LOGS_DAYS="1")
        with clock.frozen(NOW):
            logs.write("nats", b"a line\n")
        with clock.frozen(NOW + DAY):
            logs.sweep()
        assert list(tmp_path.iterdir()) == []
        for wrong in ("0", "31", "a while", ""):
            with pytest.raises(LogsUnusable, match="a number from 1 to 30"):
                logs_in(tmp_path, CRI_KEEP_LOGS_DAYS=wrong)


class TestTaking:
    def run(self, logs: Logs, *programs: str) -> None:
        """Let programs write to the log of one part, one after the other."""

        async def play() -> None:
            for program in programs:
                with logs.taking("intake") as out:
                    process = await asyncio.create_subprocess_exec(
                        sys.executable, "-c", program, stdout=out, stderr=out
                    )
                assert await process.wait() == 0
            logs.close()

        asyncio.run(play())

    def test_what_a_process_says_is_in_the_file_to_the_last_byte(self, tmp_path: Path) -> None:
        logs = logs_in(tmp_path)
        much = "import sys; print('x' * 300_000); print('the end', file=sys.stderr)"
        with clock.frozen(NOW):
            self.run(logs, "print('first')", much)
        said = (tmp_path / "intake-2026-11-26.log").read_text().splitlines()
        assert said[0] == "first"
        assert sorted(map(len, said[1:])) == [len("the end"), 300_000]

    def test_a_full_disk_loses_lines_and_stops_nobody(self, tmp_path: Path) -> None:
        logs = logs_in(tmp_path)
        with clock.frozen(NOW):
            full = logs.file("intake")
            full.symlink_to("/dev/full")
            self.run(logs, "print('lost')")
            full.unlink()
            self.run(logs, "print('kept')")
            assert full.read_text() == "kept\n"
