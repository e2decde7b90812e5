"""How far two coders agree beyond what chance alone would give: Cohen's kappa."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """How two coders used one code on the same passages, as numbers of passages."""

    both: int
    first: int  # the first coder alone
    second: int
    neither: int

    @property
    def passages(self) -> int:
        """How many both of them read."""
        return self.both + self.first + self.second + self.neither

    @property
    def observed(self) -> float | None:
        """The share of passages on which they agree, 0 to 1; None where there is no passage."""
        return (self.both + self.neither) / self.passages if self.passages else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa, -1 to 1; None where chance alone agrees always (nobody used the code).

        (observed - expected) / (1 - expected), expected from how often each coder used the code:
        J. Cohen, A Coefficient of Agreement for Nominal Scales, Educational and Psychological
        Measurement 20(1), 1960, pages 37-46.
        """
        n, observed = self.passages, self.observed
        if observed is None:
            return None
        one, two = self.both + self.first, self.both + self.second
        expected = (one * two + (n - one) * (n - two)) / n**2
        return None if expected == 1 else (observed - expected) / (1 - expected)

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(
            self.both + other.both,
            self.first + other.first,
            self.second + other.second,
            self.neither + other.neither,
        )


def agreement(first: set[int], second: set[int], passages: int) -> Agreement:
    """The same from the numbers of the passages that each of them marked."""
    return Agreement(
        both=len(first & second),
        first=len(first - second),
        second=len(second - first),
        neither=passages - len(first | second),
    )
