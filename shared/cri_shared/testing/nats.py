"""A real nats-server for tests."""

import signal
from pathlib import Path
from typing import Self

import nats
from nats.aio.client import Client

from cri_shared.bus import access
from cri_shared.bus.authority import Certificate
from cri_shared.bus.topology import StreamRefused, provision
from cri_shared.testing.processes import Child, answers, free_port, script
from cri_shared.testing.waiting import eventually, until


class NatsServer:
    """nats-server with JetStream on a free port of this machine and a store in a directory.

    A guarded one lets only our users in, by the seeds that it makes, and keeps its store encrypted.
    One with a certificate begins with TLS, and hears nobody who does not.
    """

    def __init__(
        self, directory: Path, *, guarded: bool = False, certificate: Certificate | None = None
    ) -> None:
        self.directory = directory
        self.guarded = guarded
        self.certificate = certificate
        self.port = free_port()
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        scheme = "tls" if self.certificate else "nats"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._child
        return self._child.pid

    @property
    def store(self) -> Path:
        """Where JetStream keeps its files."""
        return self.directory / "store"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.directory / "nats.log"

    def seed(self, user: str) -> Path:
        """The seed file of one of our users."""
        return self.directory / "seeds" / f"{user}.seed"

    def start(self) -> None:
        """Start (again) on the same port and store."""
        configuration = self.directory / "nats.conf"
        self.directory.mkdir(parents=True, exist_ok=True)
        lock = f', cipher: aes, key: "{"k" * 32}"' if self.guarded else ""
        keys = {user: access.ensure_seed(self.seed(user)) for user in access.USERS}
        configuration.write_text(
            f"listen: 127.0.0.1:{self.port}\n"
            f'jetstream {{ store_dir: "{self.store}", max_file: 8GB{lock}, sync_interval: always }}'
            "\n" + (access.authorization(keys) if self.guarded else "") + self._tls()
        )
        command = [script("nats-server"), "-c", str(configuration)]
        self._child = Child(command, self.log)
        until(lambda: answers(self.port), what="nats-server")

    def _tls(self) -> str:
        if self.certificate is None:
            return ""
        files = f'cert_file: "{self.certificate.certificate}", key_file: "{self.certificate.key}"'
        return f"tls {{ {files}, handshake_first: true }}\n"

    def __enter__(self) -> Self:
        """Started, for as long as a test looks."""
        self.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop it as an operator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it without warning."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        if self._child:
            self._child.pause()

    def resume(self) -> None:
        """Let a frozen server go on."""
        if self._child:
            self._child.resume()

    def _end(self, number: signal.Signals) -> None:
        if self._child:
            self.resume()
            self._child.stop(number)
            self._child = None


async def fresh_streams(url: str, *, max_bytes: int = 64 << 20) -> None:
    """Remove every stream of a server and provision ours anew, each with room for `max_bytes`."""
    client: Client = await nats.connect(url)
    try:
        js = client.jetstream()
        for stream in await js.streams_info():
            await js.delete_stream(str(stream.config.name))

        async def made() -> bool:
            try:
                await provision(js, max_bytes=max_bytes)
            except StreamRefused:  # the files of a stream may still be there when it is not
                return False
            return True

        await eventually(made, what="fresh streams")
    finally:
        await client.close()
