"""Settings: read from the environment once, in each service's wiring, and never at import."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

Role = Literal["all", "web", "worker"]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ServiceSettings(BaseSettings):
    """What every service is told; `CRI_INTAKE_X` wins over `CRI_X`, which all services share."""

    service: str
    public_url: str = Field(description="address under which people reach this service")
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    database_url: str
    identity_database_url: str
    key_dir: Path = Field(description="directory with this service's key files, mode 0600")
    identity_key_dir: Path = Field(description="key files of the identity store, shared with it")
    nats_url: str = "nats://127.0.0.1:4222"
    nats_seed_file: Path | None = Field(None, description="nkey seed of this service's NATS user")
    mail_dir: Path | None = Field(None, description="write mail as files here instead of sending")
    smtp_url: SecretStr | None = Field(None, description="smtp://user:password@host:port")
    mail_from: str = "CRI <no-reply@cri.example>"
    traces_url: str | None = Field(None, description="collector of traces, OTLP over HTTP")
    role: Role = "all"
    demo: bool = False
    faults_file: Path | None = Field(None, description="for tests: where to end, see points")
    search_url: str = "http://127.0.0.1:8000"
    intake_url: str = "http://127.0.0.1:8001"
    research_url: str = "http://127.0.0.1:8002"
    publishing_url: str = "http://127.0.0.1:8003"
    training_url: str = "http://127.0.0.1:8004"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        own = EnvSettingsSource(settings_cls, env_prefix=settings_cls.model_config["env_prefix"])
        everyone = EnvSettingsSource(settings_cls, env_prefix="CRI_")
        return init_settings, own, everyone

    @field_validator(
        "public_url",
        "search_url",
        "intake_url",
        "research_url",
        "publishing_url",
        "training_url",
    )
    @classmethod
    def _without_trailing_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("traces_url")
    @classmethod
    def _where_collectors_listen(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("traces_url must be an address that begins with http:// or https://")
        return url if parts.path.strip("/") else parts._replace(path="/v1/traces").geturl()

    @model_validator(mode="after")
    def _https_away_from_loopback(self) -> "ServiceSettings":
        url = urlsplit(self.public_url)
        if url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ValueError("public_url must be https, except on this machine's own address")
        return self

    @model_validator(mode="after")
    def _faults_only_at_home(self) -> "ServiceSettings":
        if self.faults_file and urlsplit(self.public_url).hostname not in LOOPBACK:
            raise ValueError("faults_file is for tests, on this machine's own address only")
        return self

    @property
    def secure_cookies(self) -> bool:
        """Cookies carry Secure and the __Host- prefix wherever the site is served by https."""
        return self.public_url.startswith("https:")

    @property
    def cookie_name(self) -> str:
        """The name of this service's own session cookie."""
        name = f"cri_{self.service}"
        return f"__Host-{name}" if self.secure_cookies else name

    @property
    def runs_web(self) -> bool:
        """Whether this process answers people."""
        return self.role in ("all", "web")

    @property
    def runs_worker(self) -> bool:
        """Whether this process publishes and consumes events and runs the clockwork."""
        return self.role in ("all", "worker")

    def url_of(self, service: str) -> str:
        """Where people reach another service."""
        return str(getattr(self, f"{service}_url"))
