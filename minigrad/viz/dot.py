"""Graphviz: finding a program that draws DOT, and running it.

The program is found anew for every picture, gets the text on its standard input, and is stopped
when it takes too long. No shell is involved, and no file.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

VARIABLE = "MINIGRAD_DOT"
PURE = "graphviz-pure"
FORMATS = ("svg", "png", "pdf")
TIMEOUT = 60.0  # seconds
SHOWN_OF_STDERR = 500  # characters

ADVICE = (
    'install one with  pip install "minigrad[dot]"\n'
    "or the system package: apt install graphviz, brew install graphviz, "
    "winget install graphviz, conda install graphviz"
)


@functools.cache
def dot_not_found() -> type[RuntimeError]:
    """The class DotNotFound, made when first asked for.

    It is a graphviz.ExecutableNotFound, so handlers written for that package catch it; and
    `import minigrad` does without importing graphviz.
    """
    import graphviz

    class DotNotFound(graphviz.ExecutableNotFound):
        """No program that draws DOT was found, or none that can write the format."""

        def __init__(self, message: str) -> None:
            RuntimeError.__init__(self, message)  # graphviz would write a message of its own

    DotNotFound.__module__, DotNotFound.__qualname__ = "minigrad.viz", "DotNotFound"
    return DotNotFound


def find_dot() -> tuple[str, str]:
    """The program that draws pictures, and where it came from.

    First the one that the environment variable MINIGRAD_DOT names ("MINIGRAD_DOT"); then `dot` on
    the PATH ("PATH"); then the one that pip installs with minigrad[dot] ("graphviz-pure").
    Errors: DotNotFound if there is none, or if MINIGRAD_DOT names no executable program.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted:
        return named(wanted), VARIABLE
    system = shutil.which("dot")
    if system:
        return system, "PATH"
    pure = shutil.which(PURE, path=environment_scripts()) or shutil.which(PURE)
    if pure:
        return pure, PURE
    raise dot_not_found()(
        f"no Graphviz program found to draw with (the DOT text is in .source):\n{ADVICE}"
    )


def named(wanted: str) -> str:
    """The program that MINIGRAD_DOT names by path or by name."""
    program = shutil.which(wanted)
    if program:
        return program
    raise dot_not_found()(
        f"{VARIABLE} is {wanted!r}, which is not an executable program: "
        "set it to the path of dot or graphviz-pure, or unset it"
    )


def environment_scripts() -> str:
    """Where pip puts programs; a notebook's kernel often has these folders not on its PATH."""
    return os.pathsep.join([str(Path(sys.executable).parent), sysconfig.get_path("scripts")])


def run_dot(source: str, format: str, *, dpi: int | None = None, timeout: float = TIMEOUT) -> bytes:
    """The picture of a DOT text as svg, png or pdf.

    Errors: ValueError for another format, DotNotFound without a program, TimeoutExpired (of
    subprocess) when it was stopped, RuntimeError with its message when it fails.
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    program, _ = find_dot()
    if format == "pdf" and Path(program).stem == PURE:
        raise dot_not_found()(
            "PDF needs the system Graphviz (apt install graphviz); use svg or png"
        )
    command = [program, f"-T{format}"] + ([f"-Gdpi={dpi}"] if dpi else [])
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=timeout)
    except OSError as error:  # as in a browser, where there are no processes
        raise dot_not_found()(
            f"{program} could not be started ({error}); the DOT text is in .source:\n{ADVICE}"
        ) from error
    if done.returncode == 0:
        return done.stdout
    raise RuntimeError(
        f"{Path(program).name} failed with exit code {done.returncode}: {complaint(done.stderr)}"
    )


def complaint(stderr: bytes) -> str:
    """What the program said, without graphviz-pure's remarks on the widths of characters."""
    lines = stderr.decode(errors="replace").splitlines()
    told = [line for line in lines if "no value for width of" not in line]
    return "\n".join(told)[:SHOWN_OF_STDERR]
