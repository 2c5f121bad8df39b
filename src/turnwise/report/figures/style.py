"""The style of all charts: colours, type and axes, and how layers become one specification."""

from __future__ import annotations

from typing import Any

import altair as alt

__all__ = ["BLANK", "BLUE", "GREEN", "INK", "MUTED", "ORANGE", "SEQUENTIAL", "WHITE_TEXT_FROM", "Spec", "layered"]

Spec = dict[str, Any]
"""One Vega-Lite specification, ready for JSON."""

INK, MUTED, RULE, BLANK = "#222222", "#5a6069", "#e3e5e8", "#c3c8ce"
BLUE, ORANGE, GREEN = "#0b5a8f", "#b8500b", "#5f7d1e"
SEQUENTIAL = ("#f4f7fa", "#c6d9e8", "#7fadce", "#2f75a8", "#08365c")
WHITE_TEXT_FROM = 0.5
_FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
_AXIS = {
    "labelColor": INK,
    "titleColor": INK,
    "domainColor": MUTED,
    "tickColor": MUTED,
    "gridColor": RULE,
    "labelFontSize": 11.5,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
    "titlePadding": 8,
    "tickSize": 4,
}
_CONFIG: Spec = {
    "font": _FONT,
    "background": "white",
    "padding": {"left": 0, "top": 4, "right": 12, "bottom": 4},
    "view": {"stroke": None},
    "axis": _AXIS,
    "title": {
        "color": INK,
        "fontSize": 12,
        "fontWeight": "normal",
        "anchor": "start",
        "frame": "bounds",
        "offset": 10,
    },
    "legend": {"labelFontSize": 11.5, "labelColor": INK, "symbolSize": 70, "labelLimit": 240},
}


def layered(*layers: alt.Chart, height: int, title: str | None = None) -> Spec:
    """Charts on top of each other as one specification, as wide as its place, in the style of all."""
    chart = alt.layer(*layers).properties(width="container", height=height)
    if title is not None:
        chart = chart.properties(title=title)
    spec: Spec = chart.to_dict(validate=False)
    spec.pop("$schema")
    return {**spec, "config": _CONFIG}
