"""Settings that would send something in the clear, or that name what is not there, are refused."""

import errno
from pathlib import Path

import pytest
from cri_intake.settings import Settings
from cri_shared.settings import NatsSettings, unusable
from cri_shared.testing.certificates import Authority
from pydantic import ValidationError
from pydantic_settings import SettingsError


def refusal(**told: object) -> str:
    """What is said of settings that do not do."""
    with pytest.raises(ValidationError) as wrong:
        NatsSettings.model_validate(told)
    return unusable(wrong.value)


class TestWhereNatsIs:
    @pytest.mark.parametrize(
        ("url", "encrypted"),
        [
            ("nats://127.0.0.1:4222", False),
            ("nats://localhost", False),
            ("nats://[::1]:4222", False),
            ("tls://nats.example:4222", True),
            ("tls://127.0.0.1:4222", True),
            ("tls://a.example:4222, tls://b.example:4222", True),
        ],
    )
    def test_this_machine_and_tls_are_taken(self, url: str, encrypted: bool) -> None:
        settings = NatsSettings(nats_url=url)
        assert settings.nats_encrypted is encrypted
        assert len(settings.nats_servers) == 1 + url.count(",")

    @pytest.mark.parametrize(
        "url",
        [
            "nats://nats.example:4222",
            "nats://10.0.0.7:4222",
            "nats://127.0.0.1:4222,nats://nats.example:4222",
            "nats://localhost.example:4222",
        ],
    )
    def test_another_machine_in_the_clear_is_not(self, url: str) -> None:
        said = refusal(nats_url=url)
        assert said == "nats_url must be tls://, except on this machine's own address"
        assert "example" not in said

    @pytest.mark.parametrize(
        "url",
        [
            *("", "nats.example:4222", "ws://127.0.0.1:80", "https://nats.example", "tls://"),
            "tls://nats.example:4222,nats://127.0.0.1:4222",
        ],
    )
    def test_anything_else_is_no_address(self, url: str) -> None:
        said = refusal(nats_url=url)
        assert said == "nats_url must be tls://host:port, or nats:// on this machine"


class TestFiles:
    def test_a_bundle_of_authorities_is_taken(self, tmp_path: Path) -> None:
        both = tmp_path / "both.pem"
        bundles = [Authority(tmp_path / name, name).bundle for name in ("old", "new")]
        both.write_bytes(b"".join(bundle.read_bytes() for bundle in bundles))
        assert NatsSettings(nats_ca_file=both).nats_ca_file == both

    @pytest.mark.parametrize("content", [b"", b"no certificate", b"\x00\xff"])
    def test_a_file_without_a_certificate_is_not(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "authority.pem"
        path.write_bytes(content)
        assert refusal(nats_ca_file=path) == "nats_ca_file must hold a certificate (PEM)"

    @pytest.mark.parametrize("name", ["nats_ca_file", "nats_seed_file"])
    def test_what_is_named_must_be_there(self, tmp_path: Path, name: str) -> None:
        said = refusal(**{name: tmp_path / "nowhere"})
        assert said == f"{name} must be a file that can be read"


class TestFilesOfSecrets:
    @pytest.fixture
    def told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The directory that a container is given its secrets in."""
        monkeypatch.setenv("CRI_SECRETS_DIR", str(tmp_path))
        return tmp_path

    def test_a_file_says_what_the_environment_does_not(
        self, told: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (told / "cri_intake_database_url").write_text("postgresql+asyncpg://secret@db/intake\n")
        (told / "cri_smtp_url").write_text("smtp://of-all:1")
        assert Settings().database_url == "postgresql+asyncpg://secret@db/intake"
        (told / "cri_intake_smtp_url").write_text("smtp://of-intake:1")
        assert smtp_of(Settings()) == "smtp://of-intake:1"
        monkeypatch.setenv("CRI_INTAKE_SMTP_URL", "smtp://from-the-environment:1")
        assert smtp_of(Settings()) == "smtp://from-the-environment:1"

    def test_a_file_of_another_account_is_named(
        self, told: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (told / "cri_smtp_url").write_text("smtp://user:secret@mail.example:1")
        read = Path.read_text

        def refuse(path: Path, **how: str) -> str:
            if path.name == "cri_smtp_url":
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return read(path, **how)

        monkeypatch.setattr(Path, "read_text", refuse)
        with pytest.raises(SettingsError) as wrong:
            Settings()
        assert unusable(wrong.value) == f"{told}/cri_smtp_url: Permission denied"

    def test_what_must_be_json_is_named_and_not_repeated(self, told: Path) -> None:
        (told / "cri_oidc_roles").write_text("{hidden")
        with pytest.raises(SettingsError) as wrong:
            Settings()
        assert "oidc_roles" in unusable(wrong.value)
        assert "hidden" not in unusable(wrong.value)

    def test_what_is_wrong_in_a_file_is_not_repeated(self, told: Path) -> None:
        (told / "cri_metrics_networks").write_text("secret")
        with pytest.raises(ValidationError) as wrong:
            Settings()
        said = unusable(wrong.value)
        assert said == "metrics_networks must be addresses or networks, by commas"


def smtp_of(settings: Settings) -> str:
    """Where it sends mail."""
    assert settings.smtp_url is not None
    return settings.smtp_url.get_secret_value()
