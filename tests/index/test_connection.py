"""What the connection to the index makes of a server that behaves badly."""

import socketserver
import threading
from collections.abc import Iterator

import pytest
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Query, SearchUnavailable


class HalfAnAnswer(socketserver.StreamRequestHandler):
    """Promises more than it sends, as a server does that is killed while it answers."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        self.wfile.write(b"Content-Length: 135\r\n\r\n{")


@pytest.fixture
def dying() -> Iterator[str]:
    """The address of a server that dies in every answer."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HalfAnAnswer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


async def test_an_answer_that_breaks_off_says_that_search_is_away(dying: str) -> None:
    index = MeilisearchIndex(dying, "a key")
    with pytest.raises(SearchUnavailable):
        await index.search(Query(text="insulin"))
    await index.close()
