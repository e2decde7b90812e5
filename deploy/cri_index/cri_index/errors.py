"""The one error of this server, in the shape that Meilisearch gives its errors."""

from typing import Any


class ApiError(Exception):
    """A request or a task that is refused; `code` is Meilisearch's word for the reason."""

    def __init__(self, status: int, code: str, message: str, kind: str = "invalid_request") -> None:
        self.status = status
        self.code = code
        self.message = message
        self.kind = kind
        super().__init__(message)

    def body(self) -> dict[str, Any]:
        """The JSON body of the response, or the `error` of a task."""
        return {
            "message": self.message,
            "code": self.code,
            "type": self.kind,
            "link": f"https://docs.meilisearch.com/errors#{self.code}",
        }


def bad_request(code: str, message: str) -> ApiError:
    """The caller sent something that cannot be understood or is not supported."""
    return ApiError(400, code, message)


def index_not_found(uid: str) -> ApiError:
    """There is no index of that name."""
    return ApiError(404, "index_not_found", f"Index `{uid}` not found.")


def internal() -> ApiError:
    """Something broke on our side; what it was stays in the log, without content."""
    return ApiError(500, "internal", "An internal error has occurred.", "internal")


def half_a_character() -> ApiError:
    """JSON may escape half of a character ("\\ud83d"), which no text can hold."""
    return bad_request("malformed_payload", "The payload holds half a character.")
