"""The page for mails that are files shows them with pictures, and nothing of it as markup."""

import base64
from pathlib import Path

import httpx
from cri_shared.mail import Mail
from cri_shared.mail.post import compose
from cri_stack import mail_page

PICTURE = base64.b64encode(b"\x89PNG...").decode()


async def test_a_mail_is_shown_with_its_picture(tmp_path: Path) -> None:
    mail = Mail("a@b.example", "Soon", "<b>Words</b>\n", picture=PICTURE, picture_name='"<i>')
    folder = tmp_path / "training"
    folder.mkdir()
    (folder / "m1.eml").write_bytes(compose(mail, "c@b.example", "m1").as_bytes())
    transport = httpx.ASGITransport(app=mail_page.app(tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        page = await client.get("/training/m1")
    assert "&lt;b&gt;Words&lt;/b&gt;" in page.text
    assert f'<img src="data:image/png;base64,{PICTURE}" alt="&quot;&lt;i&gt;.png">' in page.text
    assert "img-src data:" in page.headers["Content-Security-Policy"]
