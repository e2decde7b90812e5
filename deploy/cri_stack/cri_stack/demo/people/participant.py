"""People who sign up for a workshop, without an account: they prove an address, and may cancel."""

from cri_stack.demo.people.mailbox import Mailbox
from cri_stack.demo.people.person import Person
from cri_stack.demo.waiting import Trouble

CODE = r"\b\d{3} \d{3}\b"
CONFIRM = r"http\S+/sign-up/confirm/\S+"
MANAGE = r"http\S+/sign-up/manage/\S+"
THANKS = "thank you"
FEEDBACK = r"http\S+/feedback/\S+"


class Participant(Person):
    """Somebody with a mailbox who wants to come."""

    def __init__(self, name: str, training: str, mailbox: Mailbox) -> None:
        super().__init__(name)
        self.training = training
        self.mailbox = mailbox

    def sign_up(self, edition_id: str, *, by_link: bool = False) -> str:
        """Fill in the form and prove the address by its code, or by the link in the mail.

        Gives what the page says in the end.
        """
        self.open(f"{self.training}/en/sign-up/{edition_id}")
        self.submit(
            rf"/sign-up/{edition_id}$",
            {
                "name": self.name,
                "organisation": "Sociaal Huis Voorbeeldgem",
                "email": self.mailbox.address,
                "language": "en",
            },
        )
        if by_link:
            self.open(self.mailbox.new(link=CONFIRM, service="training"))
            self.submit(r"/sign-up/confirm/")
        else:
            code = self.mailbox.new(link=CODE, service="training")
            self.submit(r"/code/", {"code": code})
        return self.text

    def manage(self) -> str:
        """Open one's own page by the link of the newest mail; gives what it says."""
        link = self.mailbox.newest(MANAGE, "training")
        self.open(link or "")
        return self.text

    def cancel(self) -> str:
        """Cancel; gives what the page says."""
        self.manage()
        self.submit(r"/cancel$")
        return self.text

    def take_offer(self) -> str:
        """Take the place that is offered; gives what the page says."""
        self.manage()
        self.submit(r"/accept$")
        return self.text

    def say_what_one_thought(self, useful: str, obstacles: str = "") -> None:
        """Open the link of the mail and answer, once."""
        self.open(self.mailbox.new(link=FEEDBACK, service="training"))
        answers = {"useful": useful, "prepared": "4", "pace": "3", "obstacles": obstacles}
        self.try_to(r"/feedback/", answers)
        if THANKS not in self.text.lower():  # a second click finds the link spent, and thanks too
            raise Trouble(f"{self.name} could not answer: {self.complaint()}")
