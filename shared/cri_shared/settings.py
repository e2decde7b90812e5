"""Settings: read from the environment once, in each service's wiring, and never at import."""

import os
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsError,
)

from cri_shared.backup.settings import BackupSettings
from cri_shared.db.limits import Limits
from cri_shared.db.patience import Patience
from cri_shared.db.phases import newest
from cri_shared.outside import networks
from cri_shared.privacy.classes import K
from cri_shared.privacy.leaked import LeakedFile
from cri_shared.release import installed

Role = Literal["all", "web", "worker"]

SECRETS_DIR = "CRI_SECRETS_DIR"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NatsSettings(BaseModel):
    """Where NATS is, how we know it and how it knows us; in the clear on this machine only."""

    nats_url: str = Field("nats://127.0.0.1:4222", description="several servers by commas")
    nats_ca_file: Path | None = Field(
        None, description="PEM file of who may sign NATS' certificate; else those of the system"
    )
    nats_seed_file: Path | None = Field(None, description="nkey seed of this service's NATS user")

    @field_validator("nats_url")
    @classmethod
    def _encrypted_away_from_loopback(cls, url: str) -> str:
        parts = [urlsplit(server.strip()) for server in url.split(",")]
        schemes = {part.scheme for part in parts}
        if schemes not in ({"nats"}, {"tls"}) or not all(part.hostname for part in parts):
            raise ValueError("nats_url must be tls://host:port, or nats:// on this machine")
        if schemes == {"nats"} and not all(part.hostname in LOOPBACK for part in parts):
            raise ValueError("nats_url must be tls://, except on this machine's own address")
        return url

    @field_validator("nats_ca_file")
    @classmethod
    def _holds_a_certificate(cls, path: Path | None) -> Path | None:
        if path is None:
            return None
        try:
            ssl.create_default_context(cafile=path)
        except ssl.SSLError:
            raise ValueError("nats_ca_file must hold a certificate (PEM)") from None
        except OSError:
            raise ValueError("nats_ca_file must be a file that can be read") from None
        return path

    @field_validator("nats_seed_file")
    @classmethod
    def _is_there(cls, path: Path | None) -> Path | None:
        if path is not None and not os.access(path, os.R_OK):
            raise ValueError("nats_seed_file must be a file that can be read")
        return path

    @property
    def nats_servers(self) -> list[str]:
        """The addresses of the servers, any of which will do."""
        return [server.strip() for server in self.nats_url.split(",")]

    @property
    def nats_encrypted(self) -> bool:
        """Whether nothing is said before TLS stands."""
        return self.nats_servers[0].startswith("tls:")


class ServiceSettings(NatsSettings, BackupSettings, BaseSettings):
    """What every service is told; `CRI_INTAKE_X` wins over `CRI_X`, which all services share.

    What the environment does not say may be the text of a file of that name, in any case, in the
    directory `CRI_SECRETS_DIR`, as containers are given their secrets.
    """

    service: str
    public_url: str = Field(description="address under which people reach this service")
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    trusted_proxies: str = Field(
        "", description="addresses or networks, by commas, whose X-Forwarded-For is believed"
    )
    metrics_networks: str = Field(
        "", description="networks, by commas, that read /metrics beside this machine"
    )
    database_url: Annotated[str, K]  # it may hold a password
    identity_database_url: Annotated[str, K]
    key_dir: Path = Field(description="directory with this service's key files, mode 0600")
    identity_key_dir: Path = Field(description="key files of the identity store, shared with it")
    passkey_domain: str | None = Field(
        None, description="for which domain passkeys are, where all consoles are below it"
    )
    one_person_desk_and_research: bool = Field(
        False, description="whether one person may know both who asks and who answers"
    )
    house_words: str = Field(
        "", description="names of your house, by commas, that no password may hold"
    )
    leaked_list_file: Path | None = Field(
        None, description="further leaked passwords: sorted SHA-1 hashes, as Have I Been Pwned has"
    )
    oidc_issuer: str | None = Field(None, description="the organisation's own sign-in")
    oidc_client_id: str = ""
    oidc_client_secret: Annotated[SecretStr, K] = SecretStr("")
    oidc_groups_claim: str = "groups"
    oidc_roles: dict[str, list[str]] = Field({}, description="JSON: the roles of each group")
    mail_dir: Path | None = Field(None, description="write mail as files here instead of sending")
    smtp_url: Annotated[SecretStr | None, K] = Field(
        None, description="smtp://user:password@host:port"
    )
    mail_from: str = "CRI <no-reply@cri.example>"
    digest_hour: int = Field(
        7, ge=0, le=23, description="from which hour in Brussels mails tell staff of news"
    )
    traces_url: str | None = Field(None, description="collector of traces, OTLP over HTTP")
    role: Role = "all"
    processes: int = Field(1, ge=1, description="how many processes of this service run")
    database_pool_size: int = Field(7, ge=1, description="connections that stay open")
    database_pool_overflow: int = Field(0, ge=0, description="more of them at a rush")
    database_pool_seconds: float = Field(10.0, gt=0, description="longest wait for a connection")
    database_statement_seconds: float = Field(30.0, ge=0, description="longest statement")
    database_lock_seconds: float = Field(10.0, gt=0, description="longest wait for a lock")
    database_idle_seconds: float = Field(60.0, ge=0, description="longest idle transaction")
    migration_lock_seconds: float = Field(5.0, gt=0, description="the same, of a migration")
    migration_tries: int = Field(5, ge=1, description="how often a migration tries for its lock")
    keep_dead_letters_days: int = Field(
        30, ge=1, le=30, description="how long an event that could not be handled lies here"
    )
    keep_mails_days: int = Field(
        2, ge=1, le=7, description="how long a mail that cannot be sent waits"
    )
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
        files = os.environ.get(SECRETS_DIR) or None
        told: list[PydanticBaseSettingsSource] = []
        for prefix in (settings_cls.model_config["env_prefix"], "CRI_"):
            told.append(EnvSettingsSource(settings_cls, env_prefix=prefix))
            told.append(SecretsSettingsSource(settings_cls, files, env_prefix=prefix))
        return init_settings, *told

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

    @field_validator("trusted_proxies", "metrics_networks")
    @classmethod
    def _lie_in_networks(cls, given: str, about: ValidationInfo) -> str:
        try:
            return ",".join(map(str, networks(given)))
        except ValueError:
            raise ValueError(
                f"{about.field_name} must be addresses or networks, by commas"
            ) from None

    @field_validator("traces_url")
    @classmethod
    def _where_collectors_listen(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("traces_url must be an address that begins with http:// or https://")
        return url if parts.path.strip("/") else parts._replace(path="/v1/traces").geturl()

    @field_validator("leaked_list_file")
    @classmethod
    def _holds_hashes(cls, path: Path | None) -> Path | None:
        try:
            if path is not None:
                LeakedFile(path).check()
        except OSError:
            raise ValueError("leaked_list_file must be a file that can be read") from None
        except ValueError as wrong:
            raise ValueError(f"leaked_list_file {wrong}") from None
        return path

    @model_validator(mode="after")
    def _https_away_from_loopback(self) -> "ServiceSettings":
        url = urlsplit(self.public_url)
        if url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ValueError("public_url must be https, except on this machine's own address")
        return self

    @model_validator(mode="after")
    def _passkeys_for_our_domain(self) -> "ServiceSettings":
        host = urlsplit(self.public_url).hostname or ""
        domain = self.passkey_domain
        if domain is not None and host != domain and not host.endswith(f".{domain}"):
            raise ValueError("passkey_domain must be the host of public_url, or what it ends with")
        return self

    @model_validator(mode="after")
    def _provider_is_whole(self) -> "ServiceSettings":
        if self.oidc_issuer is None:
            return self
        url = urlsplit(self.oidc_issuer)
        if url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ValueError("oidc_issuer must be https, except on this machine's own address")
        if not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError("oidc_issuer needs oidc_client_id and oidc_client_secret")
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
        return self.host_cookie(self.session_cookie)

    @property
    def session_cookie(self) -> str:
        """The same, as `cri_shared.web.cookies` takes names."""
        return f"cri_{self.service}"

    def host_cookie(self, name: str) -> str:
        """A cookie's name as browsers get it, who keep one with the prefix to its own host."""
        return f"__Host-{name}" if self.secure_cookies else name

    @property
    def limits(self) -> Limits:
        """What this process may do to its own database; other stores get half of the pool."""
        return Limits(
            name=self.name_at(f"cri_{self.service}"),
            size=self.database_pool_size,
            overflow=self.database_pool_overflow,
            wait=self.database_pool_seconds,
            statement=self.database_statement_seconds,
            lock=self.database_lock_seconds,
            idle=self.database_idle_seconds,
        )

    @property
    def identity_limits(self) -> Limits:
        """What this process may do to the identity store."""
        return replace(self.limits.halved(), name=self.name_at("cri_shared.identity"))

    def name_at(self, package: str) -> str:
        """By which name a database of a package knows this process, with its release."""
        release = installed(f"cri_{self.service}")
        return f"cri-{self.service}-{self.role} {release} {newest(package)}"

    @property
    def patience(self) -> Patience:
        """How long this service's migrations wait for their locks."""
        return Patience(self.migration_lock_seconds, self.migration_tries)

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

    def origin_of(self, service: str) -> str:
        """That address without its path, as a security policy names it."""
        parts = urlsplit(self.url_of(service))
        return f"{parts.scheme}://{parts.netloc}"


def unusable(wrong: ValidationError | SettingsError) -> str:
    """What is wrong with settings: the words of our own checks, and no value of any setting."""
    if isinstance(wrong, SettingsError):  # a file that cannot be read, or what must be JSON is none
        why = wrong.__cause__
        return f"{why.filename}: {why.strerror}" if isinstance(why, OSError) else str(wrong)
    errors = wrong.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(map(_told, errors))


def _told(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    return f"{'.'.join(map(str, error['loc']))}: {error['type']}"
