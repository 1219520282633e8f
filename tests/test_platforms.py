"""The package on systems that lack what Linux has: Windows, macOS, a browser (Pyodide).

A fresh process takes away the modules and functions that are not there, then imports all of the
package and uses it from end to end. What NumPy and Python's own library need to start is loaded
before: there they are built for the system.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

ABSENT = {  # modules, then functions
    "win32": (
        ["fcntl", "grp", "posix", "pwd", "resource", "termios"],
        ["os.fork", "os.getuid", "os.sched_getaffinity", "os.uname", "signal.SIGKILL"],
    ),
    "darwin": ([], ["os.sched_getaffinity", "os.sched_setaffinity", "os.posix_fadvise"]),
    "emscripten": (
        ["_multiprocessing", "ctypes", "fcntl", "mmap", "multiprocessing", "resource"],
        ["os.fork", "os.kill", "os.sched_getaffinity", "signal.pthread_kill", "signal.SIGKILL"],
    ),
}

PROGRAM = """
import builtins, importlib, os, pathlib, pkgutil, signal, subprocess, sys, tempfile, threading
import graphviz, numpy as np, sysconfig, urllib.request
sysconfig.get_paths()  # kept by the module from now on

platform, modules, functions = {platform!r}, {modules!r}, {functions!r}
sys.platform = platform
for name in modules:
    sys.modules[name] = None  # an import of it fails from now on
for name in functions:
    module, _, function = name.partition(".")
    if hasattr(sys.modules[module], function):
        delattr(sys.modules[module], function)

def refused(*args, **options):
    raise OSError(138, "emscripten does not support processes")

if platform == "emscripten":
    subprocess.Popen = refused
    threading.Thread.start = refused
    os.environ["PATH"] = ""

real_open = builtins.open
def open_with_encoding(file, mode="r", *args, **options):
    assert "b" in mode or "encoding" in options or len(args) > 1, f"no encoding for {{file}}"
    return real_open(file, mode, *args, **options)
builtins.open = open_with_encoding

import minigrad as mg
for module in pkgutil.walk_packages(mg.__path__, "minigrad."):
    importlib.import_module(module.name)
from minigrad import data, nn, optim
from minigrad.nn import functional as F

net = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(),
                    nn.Linear(72, 10, rng=1))
digits = data.Subset(data.digits(), range(64))
loader = data.DataLoader(digits, 16, shuffle=True, rng=2)
history = mg.fit(net, loader, F.cross_entropy, optim.Adam(net.parameters(), 1e-2), epochs=3,
                 progress=False)
assert history.epoch_loss[-1] < history.epoch_loss[0]

a, b = mg.Value(2.0), mg.Value(3.0)
(a * b).backward()
assert a.grad == 3.0
assert mg.gradcheck(mg.tanh, np.linspace(-1, 1, 3))
y = (mg.Tensor([1.0, 2.0], requires_grad=True, name="x") ** 2).sum()
picture = mg.draw(y)
assert "digraph" in picture.source and "power" in str(picture) and str(mg.steps(y))
if platform == "emscripten":
    try:
        picture.svg()
    except mg.DotNotFound:
        pass
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "net.npz"
    mg.save(net.state_dict(), path)
    mg.save(net.state_dict(), path)  # over the file that is there
    net.load_state_dict(mg.load(path))
print("done")
"""


@pytest.mark.parametrize("platform", list(ABSENT))
def test_the_package_runs_without_what_other_systems_lack(platform):
    modules, functions = ABSENT[platform]
    program = PROGRAM.format(platform=platform, modules=modules, functions=functions)
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8"
    )
    assert run.stdout.strip() == "done", run.stderr
