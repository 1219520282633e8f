"""Files that are damaged, or made to do harm: a LoadError, or the right data, nothing else."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest

from minigrad.errors import LoadError
from minigrad.io import load, save

OBJECT = {"model": {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "é": np.ones(2, bool)},
          "steps": 3, "betas": (0.9, 0.99)}  # fmt: skip
FORMATS = ["net.npz", "net.safetensors"]


def right(loaded):
    """Whether it is OBJECT."""
    return (
        loaded.keys() == OBJECT.keys()
        and (loaded["steps"], loaded["betas"]) == (3, (0.9, 0.99))
        and loaded["model"].keys() == OBJECT["model"].keys()
        and all(np.array_equal(loaded["model"][k], x) for k, x in OBJECT["model"].items())
    )


def check_each(path, contents):
    """Every content is refused with a LoadError, or gives what was saved."""
    refused = 0
    for content in contents:
        path.write_bytes(content)
        try:
            assert right(load(path))
        except LoadError:
            refused += 1
    return refused


@pytest.mark.parametrize("file", FORMATS)
def test_SAV_14_truncated_anywhere(file, tmp_path):
    path = tmp_path / file
    save(OBJECT, path)
    whole = path.read_bytes()
    assert check_each(path, (whole[:n] for n in range(len(whole)))) == len(whole)


@pytest.mark.parametrize("file", FORMATS)
def test_SAV_14_a_bit_flipped_anywhere(file, tmp_path):
    path = tmp_path / file
    save(OBJECT, path)
    whole = path.read_bytes()

    def flipped():
        for i in range(len(whole)):
            changed = bytearray(whole)
            changed[i] ^= 1 << (i * 5 % 8)
            yield bytes(changed)

    assert check_each(path, flipped()) > len(whole) / 3


def test_SAV_14_random_bytes_in_an_npz(tmp_path):
    path, rng = tmp_path / "net.npz", np.random.default_rng(0)
    save(OBJECT, path)
    whole = path.read_bytes()

    def mutated():
        for _ in range(500):
            changed = bytearray(whole)
            for _ in range(rng.integers(1, 9)):
                changed[rng.integers(len(whole))] = rng.integers(256)
            yield bytes(changed)

    assert check_each(path, mutated()) > 200


@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04K\x03.", b"garbage" * 50, bytes(1000), pickle.dumps(OBJECT)]
)
def test_SAV_17_something_else(file, content, tmp_path):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(LoadError, match=file):
        load(tmp_path / file)


# --- npz ------------------------------------------------------------------------------------


def npy(header, content=b"", version=b"\x01\x00"):
    """A .npy file with this header, right or wrong."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + content


def header(descr="'<f8'", shape="(1,)", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def archive(*members, compression=zipfile.ZIP_STORED):
    """A zip file of (name, content) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


def savez(compressed=False, **arrays):
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


GOOD = npy(header(), np.ones(1).tobytes())
HOSTILE = {
    "object array": (savez(a=np.array([{"x": 1}, None], object)), "no plain array"),
    "structured dtype": (savez(a=np.zeros(2, [("x", "f4")])), "no plain array"),
    "strings": (savez(a=np.array(["a"])), "no plain array"),
    "complex": (savez(a=np.ones(1, complex)), "no plain array"),
    "zip bomb": (savez(compressed=True, a=np.zeros(25 * 10**6)), "compressed"),
    "1-tuple descr": (archive(("a.npy", npy(header("('<f8',)"), bytes(8)))), "no plain array"),
    "code in the header": (archive(("a.npy", npy(header("__import__('os')")))), "no plain array"),
    "unterminated header": (archive(("a.npy", npy("{'descr': '<f8'"))), "no plain array"),
    "header beyond the end": (archive(("a.npy", GOOD[:20])), "no plain array"),
    "huge shape": (archive(("a.npy", npy(header(shape="(1000000000000,)"), bytes(8)))), "8 bytes"),
    "overflowing shape": (
        archive(("a.npy", npy(header(shape="(4294967296, 4294967296)")))),
        "0 byt",
    ),
    "dimension of 10^20": (archive(("a.npy", npy(header(shape=f"({10**20},)")))), "no plain array"),
    "negative shape": (archive(("a.npy", npy(header(shape="(-1,)"), bytes(8)))), "no plain array"),
    "bool as dimension": (
        archive(("a.npy", npy(header(shape="(True,)"), bytes(8)))),
        "no plain arr",
    ),
    "more than 64 axes": (
        archive(("a.npy", npy(header(shape="(" + "1," * 30 + ")") * 2))),
        "no plain",
    ),
    "too little data": (archive(("a.npy", npy(header(), bytes(7)))), "7 bytes"),
    "too much data": (archive(("a.npy", npy(header(), bytes(9)))), "9 bytes"),
    "another version": (archive(("a.npy", npy(header(), bytes(8), b"\x09\x00"))), "does not start"),
    "no npy member": (archive(("a.txt", b"hello")), "no .npy member"),
    "nested archive": (archive(("a.npz", savez(a=np.ones(1)))), "no .npy member"),
    "garbage in a member": (archive(("a.npy", b"hello")), "does not start"),
    "text that is no JSON": (savez(__tree__=np.frombuffer(b"{", np.uint8)), "JSONDecodeError"),
    "text that is no dict": (savez(__tree__=np.frombuffer(b"[1]", np.uint8)), "holds a list"),
    "a key twice": (
        savez(__tree__=np.frombuffer(b'{"a":1,"a":2}', np.uint8)),
        "a key occurs twice",
    ),
    "unknown array": (savez(__tree__=np.frombuffer(b'{"a":{"$array":"b"}}', np.uint8)), "KeyError"),
    "deep text": (savez(__tree__=np.frombuffer(b'{"a":' + b"[" * 10**5, np.uint8)), "Recursion"),
    "long number": (
        savez(__tree__=np.frombuffer(b'{"a":' + b"1" * 5000 + b"}", np.uint8)),
        "5000 ",
    ),
    "long text": (savez(__tree__=np.full(9 * 2**20, 32, np.uint8)), "bytes of plain values"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_SAV_15_and_17_hostile_npz(name, tmp_path):
    content, message = HOSTILE[name]
    (tmp_path / "net.npz").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(LoadError, match=message):
        load(tmp_path / "net.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * len(content) + 64e6


def test_the_helpers_of_these_tests_make_good_files_too(tmp_path):
    (tmp_path / "net.npz").write_bytes(archive(("a.npy", GOOD)))
    assert load(tmp_path / "net.npz")["a"].tolist() == [1]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_SAV_17_members_of_one_name(tmp_path):
    (tmp_path / "net.npz").write_bytes(archive(("a.npy", GOOD), ("a.npy", GOOD)))
    with pytest.raises(LoadError, match="a name occurs twice"):
        load(tmp_path / "net.npz")


def test_SAV_17_an_encrypted_member(tmp_path):
    content = bytearray(archive(("a.npy", GOOD)))
    for start in (content.find(b"PK\x03\x04") + 6, content.find(b"PK\x01\x02") + 8):
        content[start] |= 1
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(LoadError, match="encrypted"):
        load(tmp_path / "net.npz")


def test_SAV_16_members_that_share_their_bytes(tmp_path):
    one = archive(*((f"{i}.npy", npy(header(shape="(1000,)"), bytes(8000))) for i in range(9)))
    start = one.find(b"PK\x01\x02")
    content, end = bytearray(one), one.find(b"PK\x05\x06")
    for at in range(start, end, (end - start) // 9):
        content[at + 42 : at + 46] = bytes(4)  # all begin at 0
        content[at + 46 : at + 47] = b"0"
    content[start + 46 + (end - start) // 9 :: 10**9] = b"1"
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(LoadError):
        load(tmp_path / "net.npz")


def test_loading_runs_no_code(tmp_path):
    save(OBJECT, tmp_path / "good.npz")
    save(OBJECT, tmp_path / "good.safetensors")
    (tmp_path / "bad.npz").write_bytes(HOSTILE["object array"][0])
    code = """
import sys
from minigrad.errors import LoadError
from minigrad.io import load
load("good.npz"), load("good.safetensors")  # what is imported late is imported now
events = []
sys.addaudithook(lambda event, args: events.append(event))
load("good.npz"), load("good.safetensors")
try:
    load("bad.npz")
except LoadError:
    print(sorted(set(events) & {"pickle.find_class", "exec", "compile", "os.system", "open"}))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert run.stdout.strip() == "['open']"


# --- safetensors ----------------------------------------------------------------------------


def tensors(header, content=b"", length=None):
    """A safetensors file with this header, right or wrong."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + content


def entry(begin=0, end=8, shape=(1,), dtype="F64"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


BAD_TENSORS = {
    "huge header": tensors({}, length=2**63),
    "no object": tensors([1, 2]),
    "no JSON": tensors(b"{"),
    "a name twice": tensors(
        b'{"a":' + json.dumps(entry()).encode() + b',"a":' + json.dumps(entry()).encode() + b"}",
        bytes(8),
    ),
    "huge shape": tensors({"a": entry(shape=[10**12])}, bytes(8)),
    "overflowing shape": tensors({"a": entry(shape=[2**40, 2**40])}, bytes(8)),
    "negative shape": tensors({"a": entry(shape=[-1])}, bytes(8)),
    "float as dimension": tensors({"a": entry(shape=[1.0])}, bytes(8)),
    "past the end": tensors({"a": entry(end=16, shape=[2])}, bytes(8)),
    "reversed": tensors({"a": entry(8, 0)}, bytes(8)),
    "overlapping": tensors({"a": entry(), "b": entry()}, bytes(8)),
    "a hole": tensors({"a": entry(), "b": entry(16, 24)}, bytes(24)),
    "rest": tensors({"a": entry()}, bytes(9)),
    "unknown dtype": tensors({"a": entry(dtype="F7")}, bytes(8)),
    "deep header": tensors(b'{"a":' + b"[" * 10**5, bytes(8)),
    "metadata that is no dict": tensors({"__metadata__": [], "a": entry()}, bytes(8)),
}


@pytest.mark.parametrize("name", BAD_TENSORS)
def test_SAV_15_and_16_hostile_safetensors(name, tmp_path):
    (tmp_path / "net.safetensors").write_bytes(BAD_TENSORS[name])
    with pytest.raises(LoadError, match=r"net\.safetensors"):
        load(tmp_path / "net.safetensors")


def test_the_other_helper_makes_good_files_too(tmp_path):
    (tmp_path / "net.safetensors").write_bytes(tensors({"a": entry()}, bytes(8)))
    assert load(tmp_path / "net.safetensors")["a"].tolist() == [0]
