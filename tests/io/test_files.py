"""save and load: what comes back, under which name, and what happens when writing fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import minigrad as mg
from minigrad import nn, optim
from minigrad.errors import LoadError
from minigrad.io import load, save

FORMATS = ["net.npz", "net.safetensors"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def same(a, b):
    """Whether two objects are equal, arrays bit for bit."""
    if isinstance(a, np.ndarray):
        alike = isinstance(b, np.ndarray) and (a.dtype, a.shape) == (b.dtype, b.shape)
        return alike and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return type(b) is dict and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def round_trip(obj, path):
    save(obj, path)
    return load(path)


ARRAYS = {
    "half": np.array([1.5, -0.0, np.nan, np.inf], np.float16),
    "single": np.arange(6, dtype=np.float32).reshape(2, 3),
    "double": np.array(np.pi),
    "whole": np.array([-1, 2**62]),
    "bytes": np.arange(5, dtype=np.uint8),
    "flags": np.array([True, False]),
    "none": np.zeros((0, 3)),
    "payload": np.frombuffer(b"\x01\x00\x00\x00\x00\x00\xf8\x7f", np.float64),
}


@pytest.mark.parametrize("file", FORMATS)
def test_SAV_01_arrays_come_back_bit_for_bit(file, tmp_path):
    loaded = round_trip(ARRAYS, tmp_path / file)
    assert same(ARRAYS, loaded)
    for array in loaded.values():
        assert array.flags.writeable
        assert array.flags.c_contiguous
        assert array.flags.owndata


@pytest.mark.parametrize("file", FORMATS)
def test_SAV_01_other_orders_in_memory(file, tmp_path):
    plain = np.arange(6.0).reshape(2, 3)
    arrays = {"f": np.asfortranarray(plain), "turned": plain[::-1], "big": plain.astype(">f8")}
    loaded = round_trip(arrays, tmp_path / file)
    assert same({"f": plain, "turned": plain[::-1].copy(), "big": plain}, loaded)


@pytest.mark.parametrize("file", FORMATS)
def test_SAV_02_names_are_keys_and_never_paths(file, tmp_path):
    names = ["file", "allow_pickle", "self", "arr_0", "a/b", "../x", "é", "x" * 300, "con", ""]
    names += ["a\\b", "C:\\x", "__tree__", "__metadata__", "$array", "a b", "x.npy", "0"]
    arrays = {name: np.array(float(i)) for i, name in enumerate(names)}
    assert same(arrays, round_trip(arrays, tmp_path / file))
    assert os.listdir(tmp_path) == [file]


@pytest.mark.parametrize("name", ["model", "m.pt", "m.npz", "a.b.safetensors"])
def test_SAV_03_the_file_has_exactly_the_name_given(name, tmp_path):
    round_trip({"w": np.ones(2)}, tmp_path / name)
    round_trip({"w": np.ones(3)}, str(tmp_path / name))
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("file", FORMATS)
def test_plain_values_and_nesting(file, tmp_path):
    obj = {
        "epoch": 3, "lr": 0.1, "name": "näme", "done": False, "nothing": None, "huge": 10**30,
        "inf": float("inf"), "list": [1, [2.5, None]], "betas": (0.9, 0.999), "empty": {},
        "state": {0: {"step": 7, "m": np.ones(2)}, 1: {}}, "$array": "w", "pairs": {2.5: "x"},
        "": {"$tuple": [np.zeros(1)]}, "nested": {"w": np.ones(1)}, "nested.w": np.zeros(1),
    }  # fmt: skip
    assert same(obj, round_trip(obj, tmp_path / file))


@pytest.mark.parametrize("file", FORMATS)
def test_tensors_and_numpy_scalars_come_back_as_arrays(file, tmp_path):
    loaded = round_trip({"t": mg.Tensor([1.0, 2.0]), "s": np.float32(3)}, tmp_path / file)
    assert same({"t": np.array([1.0, 2.0]), "s": np.array(3, np.float32)}, loaded)


@pytest.mark.parametrize("file", FORMATS)
def test_training_goes_on_from_a_file_as_if_nothing_had_happened(file, tmp_path):
    def started():
        net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 1, rng=1))
        optimizer = optim.Adam(net.parameters(), lr=0.1)
        return net, optimizer, optim.lr_scheduler.StepLR(optimizer, 2)

    def step(net, optimizer, schedule):
        loss = (net(np.eye(3, dtype=np.float32)) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()

    parts = started()
    for _ in range(3):
        step(*parts)
    save({str(i): part.state_dict() for i, part in enumerate(parts)}, tmp_path / file)
    others = started()
    state = load(tmp_path / file)
    for i, other in enumerate(others):
        other.load_state_dict(state[str(i)])
    for _ in range(3):
        step(*parts)
        step(*others)
    assert same(parts[0].state_dict(), others[0].state_dict())


@pytest.mark.parametrize("file", FORMATS)
def test_SAV_11_tied_parameters_are_stored_once(file, tmp_path):
    net = nn.Sequential(nn.Linear(50, 50, bias=False), nn.Linear(50, 50, bias=False))
    net[1].weight = net[0].weight
    loaded = round_trip(net.state_dict(), tmp_path / file)
    assert loaded["0.weight"] is loaded["1.weight"]
    assert (tmp_path / file).stat().st_size < 1.5 * net[0].weight.data.nbytes
    assert net.load_state_dict(loaded) == ([], [])


def test_SAV_18_a_state_dict_can_be_read_without_minigrad(tmp_path):
    state = nn.Linear(2, 3).state_dict()
    save(state, tmp_path / "net.npz")
    save(state, tmp_path / "net.safetensors")
    with np.load(tmp_path / "net.npz") as file:
        assert same(state, dict(file))
    assert same(state, load_file(tmp_path / "net.safetensors"))


def test_SAV_18_files_of_other_programs(tmp_path):
    arrays = {"b": np.ones((2, 3), np.float32), "a": np.asfortranarray(np.eye(3))}
    np.savez(tmp_path / "other.npz", **arrays)
    assert same(
        {k: np.ascontiguousarray(x) for k, x in arrays.items()}, load(tmp_path / "other.npz")
    )
    arrays["a"] = np.eye(3)
    save_file(arrays, tmp_path / "other.safetensors", metadata={"format": "pt"})
    assert same(arrays, load(tmp_path / "other.safetensors"))


def safetensors_file(entries):
    """A file of entries (name, dtype, shape, bytes), as any program may write it."""
    header, offset = {}, 0
    for name, dtype, shape, content in entries:
        ends = [offset, offset + len(content)]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": ends}
        offset = ends[1]
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + b"".join(entry[3] for entry in entries)


def test_bfloat16_is_read_as_float32_exactly(tmp_path):
    numbers = np.array([[1.0, -2.5, 0.0], [-0.0, np.inf, 2.0**-130]], np.float32)  # 8 bits suffice
    upper = (numbers.view(np.uint32) >> 16).astype("<u2").tobytes()
    entries = [
        ("w", "BF16", [2, 3], upper),
        ("half", "F16", [2], np.array([1.5, -0.0], np.float16).tobytes()),
        ("scalar", "BF16", [], b"\x80\x3f"),
        ("none", "BF16", [0, 3], b""),
        ("nan", "BF16", [1], b"\xc1\x7f"),
    ]
    (tmp_path / "x.safetensors").write_bytes(safetensors_file(entries))
    loaded = load(tmp_path / "x.safetensors")
    assert same(loaded["w"], numbers)
    assert same(loaded["half"], np.array([1.5, -0.0], np.float16))
    assert same(loaded["scalar"], np.array(1.0, np.float32))
    assert same(loaded["none"], np.zeros((0, 3), np.float32))
    assert same(loaded["nan"], np.array([0x7FC10000], np.uint32).view(np.float32))
    assert all(x.flags.writeable and x.flags.owndata for x in loaded.values())
    assert list(loaded) == [name for name, *_ in entries]


def test_dtypes_that_numpy_does_not_have(tmp_path):
    (tmp_path / "x.safetensors").write_bytes(safetensors_file([("w", "F8_E4M3", [2], b"ab")]))
    with pytest.raises(LoadError, match="'w' is of dtype F8_E4M3, wanted BOOL, U8"):
        load(tmp_path / "x.safetensors")


# --- When writing fails ---------------------------------------------------------------------

VALUES = [object(), {1}, 1j, b"x", {(1, 2): 3}]
VALUES += [np.array(["a"]), np.array([None]), np.array([1j]), np.zeros(1, "M8[s]")]


@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_that_cannot_be_saved_leaves_the_old_file(file, value, tmp_path):
    save({"w": np.ones(2)}, tmp_path / file)
    with pytest.raises(TypeError, match=r"save: cannot write .* at \['a', 0"):
        save({"a": [value]}, tmp_path / file)
    assert same({"w": np.ones(2)}, load(tmp_path / file))
    assert os.listdir(tmp_path) == [file]


def test_what_is_no_dict():
    with pytest.raises(TypeError, match="wanted a dict, such as a state dict, got ndarray"):
        save(np.ones(3), "x.npz")


def test_too_many_plain_values(tmp_path):
    with pytest.raises(ValueError, match="put long lists of numbers into arrays"):
        save({"text": "x" * 9 * 2**20}, tmp_path / "x.npz")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_SAV_13_a_failure_while_writing_leaves_the_old_file(file, broken, tmp_path, monkeypatch):
    save({"w": np.ones(2)}, tmp_path / file)

    def full(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="No space left"):
        save({"w": np.zeros(2)}, tmp_path / file)
    monkeypatch.undo()
    assert same({"w": np.ones(2)}, load(tmp_path / file))
    assert os.listdir(tmp_path) == [file]


@pytest.mark.long
def test_SAV_12_killed_while_saving(tmp_path):
    """The process saves all the time, and is killed at any moment: the file is always whole."""
    code = """
import numpy as np
from minigrad.io import save
for i in range(10**6):
    save({"w": np.full(200_000, i), "i": i}, "net.npz")
"""
    rng = np.random.default_rng(0)
    for _ in range(30):
        (tmp_path / "net.npz").unlink(missing_ok=True)
        process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=ENVIRONMENT)
        while not (tmp_path / "net.npz").exists():
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.05))
        process.kill()
        process.wait()
        loaded = load(tmp_path / "net.npz")
        assert (loaded["w"] == loaded["i"]).all()
    save({"w": np.ones(2)}, tmp_path / "net.npz")
    assert os.listdir(tmp_path) == ["net.npz"]


def test_SAV_12_what_a_killed_process_left_is_gone_after_the_next_save(tmp_path):
    (tmp_path / ".net.npz.part").write_bytes(b"half of it")
    save({"w": np.ones(2)}, tmp_path / "net.npz")
    assert os.listdir(tmp_path) == ["net.npz"]


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError):
        save({"w": np.ones(2)}, tmp_path / "no" / "net.npz")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "net.npz")


def test_max_bytes(tmp_path):
    save({"w": np.ones(1000)}, tmp_path / "net.npz")
    with pytest.raises(LoadError, match="max_bytes=1000 allows"):
        load(tmp_path / "net.npz", max_bytes=1000)
    assert load(tmp_path / "net.npz", max_bytes=10000)["w"].size == 1000


def test_without_the_package_safetensors(tmp_path, monkeypatch):
    save({"w": np.ones(2)}, tmp_path / "net.safetensors")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for attempt in (lambda: save({}, tmp_path / "x.safetensors"),
                    lambda: load(tmp_path / "net.safetensors")):  # fmt: skip
        with pytest.raises(ImportError, match=r"pip install \"minigrad\[safetensors\]\""):
            attempt()
    assert os.listdir(tmp_path) == ["net.safetensors"]
