"""All demos, one after the other, and one page with everything they drew, measured and said.

    python demos/all.py
    python demos/all.py optimizers learning_rate
    python demos/all.py --pictures

The page, demos/out/index.html, loads nothing from elsewhere: every picture is in it.
The second line plays some demos only. With --pictures the pictures of measurements that the README
shows are written into demos/measured too, in few colours, at most 200 kB each.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from pathlib import Path
from shutil import copyfile
from time import perf_counter

from figures import palette_of
from optimizers_pictures import COLOURS
from page import Played, page
from PIL import Image
from style import BLACK, BLUE, GREEN, ORANGE, PINK, SKY, YELLOW

DEMOS = (  # in the lecture's order; what goes beyond it comes last
    "learning_strategies",
    "batch_norm",
    "need_of_optimizer",
    "optimizers",
    "learning_rate",
    "graph_of_an_expression",
    "convolution_backward",
    "digits_cnn",
    "find_the_bug",
    "gradient_of_a_gradient",
)
OKABE_ITO = (BLACK, BLUE, GREEN, ORANGE, PINK, SKY, YELLOW)
OUT, MEASURED = (Path(__file__).parent / name for name in ("out", "measured"))
PICTURES = {  # of the README, by file: the demo, and what it calls the picture
    "rolling_balls.gif": ("optimizers", "rolling balls"),
    "optimizers.png": ("optimizers", "paths"),
    "steps.png": ("optimizers", "steps on a slope"),
    "learning_strategies.png": ("learning_strategies", "straight and dotted path"),
    "drift.png": ("learning_strategies", "patterns that change"),
    "flat_places.png": ("need_of_optimizer", "flat places"),
    "batch_norm.png": ("batch_norm", "loss surface"),
    "batch_norm_rates.png": ("batch_norm", "learning"),
    "learning_rate.png": ("learning_rate", "schedules"),
    "find_the_bug.png": ("find_the_bug", "where it is, png"),
    "digits.png": ("digits_cnn", "right and wrong"),
    "newton.png": ("gradient_of_a_gradient", "both paths"),
}


@dataclass(frozen=True)
class Result:
    """What was played, and where the page is."""

    played: list[Played]
    page: Path


def play(name: str, folder: Path) -> Played:
    """Run one demo, and keep what it prints."""
    demo, told = import_module(name), StringIO()
    began = perf_counter()
    with redirect_stdout(told), redirect_stderr(StringIO()):
        result = demo.main(["--out", str(folder)]) if hasattr(demo, "main") else demo.run(folder)
    seconds = perf_counter() - began
    return Played(name, demo.__doc__ or "", told.getvalue(), result.files, seconds, folder)


def progress(names: Iterable[str]) -> Iterator[str]:
    """The names, with a bar where tqdm is installed, or else a line for each."""
    names = list(names)
    try:
        from tqdm import tqdm
    except ImportError:
        for i, name in enumerate(names, start=1):
            print(f"{i}/{len(names)}  {name}", file=sys.stderr, flush=True)
            yield name
        return
    with tqdm(names, unit="demo", dynamic_ncols=True) as bar:
        for name in bar:
            bar.set_description(name)
            yield name


def run(out: Path, names: Iterable[str] = DEMOS) -> Result:
    """Play demos into folders of their own, and write the page beside them."""
    out.mkdir(parents=True, exist_ok=True)
    played = [play(name, out / name) for name in progress(names)]
    index = out / "index.html"
    index.write_text(page(played), encoding="utf-8")
    for one in played:
        print(f"{one.name:24} {one.seconds:5.1f} s  {len(one.files):2} files in {one.folder}")
    print(f"{'page:':24} {index}")
    return Result(played, index)


# --- The README's pictures ------------------------------------------------------------------------


def write_pictures(played: Iterable[Played], folder: Path) -> list[Path]:
    """Those of PICTURES whose demo was played."""
    folder.mkdir(exist_ok=True)
    files = {one.name: one.files for one in played}
    written = []
    for name, (demo, what) in PICTURES.items():
        if demo in files:
            shrink(files[demo][what], folder / name)
            written.append(folder / name)
    return written


def shrink(source: Path, target: Path) -> None:
    """A PNG in few colours, those of lines among them; what moves stays as it is."""
    if source.suffix != ".png":
        copyfile(source, target)
        return
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    palette = palette_of(picture, (*OKABE_ITO, *COLOURS.values()))
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="DEMO", help=f"some of {', '.join(DEMOS)}")
    parser.add_argument("--out", type=Path, default=OUT, help="folder (default: demos/out)")
    parser.add_argument("--pictures", action="store_true", help="write the README's pictures too")
    args = parser.parse_args()
    if wrong := set(args.names) - set(DEMOS):
        parser.error(f"there is no demo called {', '.join(sorted(wrong))}")
    result = run(args.out, args.names or DEMOS)
    if args.pictures:
        for path in write_pictures(result.played, MEASURED):
            print(f"{path}  {path.stat().st_size / 1000:.0f} kB")
