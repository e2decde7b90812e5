"""What the identity store refuses, and that it may be away."""

from cri_shared.errors import Forbidden, Invalid, NotFound, Refusal, Unavailable
from cri_shared.words import N_


class WrongCredentials(Refusal):
    """E-mail, password or code is wrong; which one is nobody's business."""

    slug = "wrong-credentials"
    counted = "sign_in.failed"
    message = N_("The e-mail address, the password or the code is not right.")


class WaitBeforeNextTry(Refusal):
    """The account was tried too often; it waits a little, and is never locked."""

    slug = "wait-before-next-try"
    message = N_("Too many tries. Wait a minute and try again.")


class PasswordWrong(Invalid):
    """The password that somebody has is another one."""

    slug = "password-wrong"
    message = N_("This is not the password that you have.")


class PasswordTheSame(Invalid):
    """The new password is the old one."""

    slug = "password-the-same"
    message = N_("This is the password that you have. Choose another one.")


class NoPasswordHere(Refusal):
    """Who signs in through their organisation has no password here."""

    slug = "no-password-here"
    message = N_("You sign in through your organisation: your password is changed there.")


class InvitationSpent(NotFound):
    """The invitation was used, is too old, or never existed."""

    slug = "invitation-spent"
    counted = "invitation.unknown"
    message = N_("This invitation was used or is too old. Ask for a new one.")


class CodeWrong(Invalid):
    """The six digits do not fit the secret."""

    slug = "code-wrong"
    message = N_("This code is not right. Wait for the next one and type it.")


class AddressTaken(Refusal):
    """Somebody else has an account with this address; nobody becomes them by an address."""

    slug = "address-taken"
    counted = "provider.refused"
    message = N_("There is another account with your e-mail address. Ask an operator.")


class KnownAlready(Refusal):
    """Who has an account is not invited: two operators let them in again."""

    slug = "known-already"
    message = N_("There is an account with this address. Let the person in again from the list.")


class RolesApart(Refusal):
    """The helpdesk knows who asks, research knows who answers: one person does not know both."""

    slug = "roles-apart"
    message = N_("One person cannot be helpdesk officer and research coordinator here.")


class MemberAlone(RolesApart):
    """Somebody of a partner organisation is no member of staff."""

    slug = "member-alone"
    message = N_("Somebody of a partner organisation has no other role here.")


class NotOneself(Forbidden):
    """Nobody changes what they may do, or lets themselves in again."""

    slug = "not-oneself"
    message = N_("This is your own account. Ask another operator.")


class StoreAway(Unavailable):
    """The store does not answer; everybody but staff can go on."""

    slug = "identity-away"
    message = N_("Nobody can sign in right now. Try again in a few minutes.")


class NoProvider(Invalid):
    """No setting names an organisation's sign-in."""

    slug = "no-provider"
    message = N_("Nobody signs in this way here.")


class ProviderAway(Unavailable):
    """The organisation's sign-in does not answer."""

    slug = "provider-away"
    message = N_("The sign-in of your organisation does not answer. Try again in a few minutes.")


class ProviderRefused(Invalid):
    """What came back from the provider is not right, too old, or says no."""

    slug = "provider-refused"
    counted = "provider.refused"
    message = N_("Your organisation did not let you in. Begin again at the sign-in page.")


class NotOurProvider(ProviderRefused):
    """It speaks in another's name than the settings say, or to somebody else than us."""

    slug = "provider-not-ours"
    message = N_(
        "What came from your organisation's sign-in was signed for somebody else, or by another. "
        "Nobody was let in. Tell an operator."
    )
