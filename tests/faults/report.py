"""What a run found, for people."""

from collections.abc import Iterator

from tests.faults.play import Report

EXAMPLES = 10


def table(report: Report) -> str:
    """A run in some lines: what went in, what came out, and each kind of fault."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield (
        f"\n{report.database}, {report.replicas} process(es) of each service: "
        f"{report.questions} questions in {report.seconds:.0f} s"
    )
    yield f"  {'fault':<32}{'injected':>9}{'healed within':>15}"
    for name, record in sorted(report.faults.items()):
        yield f"  {name:<32}{record.injected:>9}{record.heal_seconds:>13.1f} s"
    total = sum(record.injected for record in report.faults.values())
    yield f"  {'all':<32}{total:>9}{report.heal_seconds:>13.1f} s after the last"
    yield f"  questions in: {report.questions}"
    yield "  effects out: " + ", ".join(f"{what} {n}" for what, n in report.effects.items())
    vain = ", ".join(f"{what} {n}" for what, n in sorted(report.tries_in_vain.items()))
    yield f"  tries in vain: {vain or 0}; recorded before and answered again: {report.replayed}"
    yield f"  processes started again: {report.restarts}"
    yield (
        f"  lost {len(report.lost)}, doubled {len(report.doubled)}, "
        f"not healed in time {len(report.unhealed)}"
    )
    for example in (*report.lost[:EXAMPLES], *report.doubled[:EXAMPLES], *report.unhealed):
        yield f"    {example}"
