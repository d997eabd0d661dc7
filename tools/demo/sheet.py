"""Rendered pictures into one contact sheet or one looping animation; Pillow only, no bpy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_PAPER, _INK, _GREY = (246, 246, 244), (28, 32, 38), (108, 114, 122)
_GAP = 10
_TITLE_PX, _NOTE_PX, _TIME_PX = 26, 15, 16
_HEAD = 74
_ELLIPSIS = "..."
_PALETTE_FROM = 8


def contact_sheet(
    pictures: Sequence[Path],
    times_s: Sequence[float],
    columns: int,
    title: str,
    note: str,
    out: Path,
    rows: Sequence[str] = (),
    colours: int | None = None,
) -> None:
    """Writes `out`: the pictures (all of one size) in rows, each with its time, under a title and a note.

    rows: words in the first picture of each row, at the bottom. colours: of a palette, for a smaller file.
    """
    cells = [Image.open(path).convert("RGB") for path in pictures]
    width, height = cells[0].size
    count = -(-len(cells) // columns)
    sheet = Image.new("RGB", (_GAP + columns * (width + _GAP), _HEAD + count * (height + _GAP)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    room = sheet.width - 2 * _GAP
    draw.text((_GAP + 2, 10), _fitted(title, _TITLE_PX, room), _INK, ImageFont.load_default(_TITLE_PX))
    draw.text((_GAP + 2, 46), _fitted(note, _NOTE_PX, room), _GREY, ImageFont.load_default(_NOTE_PX))
    for index, (cell, time_s) in enumerate(zip(cells, times_s, strict=True)):
        row, column = divmod(index, columns)
        corner = (_GAP + column * (width + _GAP), _HEAD + row * (height + _GAP))
        sheet.paste(cell, corner)
        draw.text((corner[0] + 8, corner[1] + 6), f"{time_s:.1f} s", _INK, ImageFont.load_default(_TIME_PX))
    for row, words in enumerate(rows):
        place = (_GAP + 8, _HEAD + row * (height + _GAP) + height - 8)
        draw.text(place, words, _INK, ImageFont.load_default(_TIME_PX), anchor="ls")
    if colours is not None:
        sheet = sheet.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    sheet.save(out, optimize=True)


def animation(pictures: Sequence[Path], fps: float, out: Path) -> None:
    """Writes `out`, a GIF that loops for ever, one palette for all frames so that the ground does not flicker."""
    frames = [Image.open(path).convert("RGB") for path in pictures]
    some = frames[:: -(-len(frames) // _PALETTE_FROM)]
    width, height = some[0].size
    montage = Image.new("RGB", (width * len(some), height))
    for index, frame in enumerate(some):
        montage.paste(frame, (index * width, 0))
    palette = montage.quantize(128, method=Image.Quantize.MEDIANCUT)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    indexed[0].save(out, save_all=True, append_images=indexed[1:], duration=round(1000 / fps), loop=0)


def _fitted(text: str, size: int, room: int) -> str:
    """`text`, cut so that it is at most `room` pixels wide."""
    font = ImageFont.load_default(size)
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + _ELLIPSIS) > room:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS
