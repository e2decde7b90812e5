"""A toy research service with the real command, for processes that tests start and kill."""

from cri_shared.cli import service_cli
from cri_shared.db import Work
from cri_shared.events.intake import QuestionCleared
from cri_shared.service import Service
from cri_shared.settings import ServiceSettings
from cri_shared.web.app import web_app
from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict

from tests.shared.toy import keep_effect, messaging, metadata


class Settings(ServiceSettings):
    """Settings of the toy, from the environment."""

    model_config = SettingsConfigDict(env_prefix="CRI_RESEARCH_")
    service: str = "research"


async def on_question_cleared(event: QuestionCleared, work: Work) -> None:
    """Keep an effect, unless the text says that it cannot be done."""
    if event.text == "impossible":
        raise RuntimeError(event.text)
    await keep_effect(event, work)


def create_app(settings: Settings) -> FastAPI:
    """The toy's wiring."""
    service = Service.build(settings, messaging)
    service.consumer.on(QuestionCleared)(on_question_cleared)
    return web_app(service, None, package="cri_shared", routers=[])


main = service_cli(
    "research",
    package="tests.shared.toy_service",
    create_app=create_app,
    settings=Settings,
    metadata=metadata,
)

if __name__ == "__main__":
    main()
