"""Plots as SVG made on the server: shapes and classes alone, with a sentence for whoever does not see them."""

from collections.abc import Sequence

from markupsafe import Markup

from serving.review.overview import Share

_ROW, _BAR, _NAMES, _WIDTH, _FIGURES = 30, 16, 220, 640, 90


def bars(shares: Sequence[Share], title: str) -> Markup:
    """Return bars of what was judged, the part that went against the machine in another colour.

    >>> "3 of 10" in bars([Share("1.2", 10, 3)], "By clause")
    True
    """
    most = max((share.judged for share in shares), default=1)
    scale = (_WIDTH - _NAMES - _FIGURES) / most
    rows = [_row(share, place, scale) for place, share in enumerate(shares)]
    spoken = "; ".join(f"{share.name}: {share.overridden} of {share.judged}" for share in shares)
    return Markup('<svg class="desk-chart" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>').format(
        _WIDTH, _ROW * len(shares), f"{title}, judged against the machine: {spoken}", Markup("").join(rows)
    )


def _row(share: Share, place: int, scale: float) -> Markup:
    top = place * _ROW
    return Markup(
        '<text class="desk-chart__name" x="0" y="{base}">{name}</text>'
        '<rect class="desk-chart__all" x="{left}" y="{top}" width="{all:.1f}" height="{high}"/>'
        '<rect class="desk-chart__part" x="{left}" y="{top}" width="{part:.1f}" height="{high}"/>'
        '<text class="desk-chart__figure" x="{end:.1f}" y="{base}">{overridden} of {judged}</text>'
    ).format(
        base=top + _BAR + 2,
        name=share.name,
        left=_NAMES,
        top=top + 5,
        all=share.judged * scale,
        part=share.overridden * scale,
        high=_BAR,
        end=_NAMES + share.judged * scale + 8,
        overridden=share.overridden,
        judged=share.judged,
    )
