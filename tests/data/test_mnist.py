"""MNIST's files: small ones of the same format, from a folder and from a server on this machine."""

import contextlib
import gzip
import hashlib
import struct
import sys
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from minigrad.data import TensorDataset, mnist, mnist_files
from minigrad.data.idx import IdxFile, read_idx
from minigrad.errors import LoadError

PUBLISHED = mnist_files.FILES  # the tests put a table of small files in its place
SIZES = {"train": 6, "test": 4}
PREFIXES = {"train": "train", "test": "t10k"}


def idx(values):
    """The content of an IDX file."""
    head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    return head + values.tobytes()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def small_set():
    """File name → content, of a data set of 6 + 4 images."""
    rng = np.random.default_rng(0)
    contents = {}
    for split, n in SIZES.items():
        images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        images[0, 0, :2] = 0, 255
        contents[f"{PREFIXES[split]}-images-idx3-ubyte"] = idx(images)
        contents[f"{PREFIXES[split]}-labels-idx1-ubyte"] = idx(np.arange(n, dtype=np.uint8) % 10)
    return contents


CONTENTS = small_set()
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture(autouse=True)
def small_mnist(monkeypatch):
    """A table of the small files instead of MNIST's, and no mirror."""
    table = {
        split: (
            IdxFile(images, (n, 28, 28), sha256(CONTENTS[images])),
            IdxFile(labels, (n,), sha256(CONTENTS[labels])),
        )
        for split, n in SIZES.items()
        for images, labels in [
            [f"{PREFIXES[split]}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]
        ]
    }
    monkeypatch.setattr(mnist_files, "FILES", table)
    monkeypatch.setattr(mnist_files, "MIRRORS", [])
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def write(folder, suffix="", names=CONTENTS):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        content = CONTENTS[name]
        (folder / f"{name}{suffix}").write_bytes(
            gzip.compress(content, mtime=0) if suffix else content
        )


@contextlib.contextmanager
def server(files):
    """The address of a server of files: path → content; it remembers what was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments):
            pass

    asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/", asked
        finally:
            running.shutdown()
            thread.join()


def served(files=CONTENTS, folder="/"):
    return {
        f"{folder}{name}.gz": gzip.compress(content, mtime=0) for name, content in files.items()
    }


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_table_names_the_files_as_published():
    known = [(f.name, f.shape, f.sha256[:8]) for part in PUBLISHED.values() for f in part]
    assert known == [
        ("train-images-idx3-ubyte", (60000, 28, 28), "ba891046"),
        ("train-labels-idx1-ubyte", (60000,), "65a50cbb"),
        ("t10k-images-idx3-ubyte", (10000, 28, 28), "0fa7898d"),
        ("t10k-labels-idx1-ubyte", (10000,), "ff7bcfd4"),
    ]
    assert all(len(f.sha256) == 64 for part in PUBLISHED.values() for f in part)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("inside", ["", "MNIST/raw"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_files_are_read_plain_or_gzipped_from_either_place(tmp_path, suffix, inside, split):
    write(tmp_path / inside, suffix)
    dataset = mnist(tmp_path, split)
    images, labels = dataset.arrays
    n = SIZES[split]
    assert isinstance(dataset, TensorDataset)
    assert (images.shape, images.dtype) == ((n, 1, 28, 28), np.float32)
    assert (labels.dtype, labels.tolist()) == (np.int64, list(range(n)))
    raw = np.frombuffer(CONTENTS[f"{PREFIXES[split]}-images-idx3-ubyte"], np.uint8)[16:]
    np.testing.assert_array_equal(images.ravel(), raw / np.float32(255))
    assert (images.min(), images.max()) == (0, 1)
    assert all(a.flags.c_contiguous and a.flags.writeable for a in dataset.arrays)


def test_all_is_train_then_test_and_a_root_may_be_a_string(tmp_path):
    write(tmp_path)
    images, labels = mnist(str(tmp_path), "all").arrays
    assert images.shape == (10, 1, 28, 28)
    assert labels.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3]
    np.testing.assert_array_equal(images[6:], mnist(tmp_path, "test").arrays[0])


def test_only_the_files_of_the_split_are_needed(tmp_path):
    write(tmp_path, names=[IMAGES, LABELS])
    assert len(mnist(tmp_path)) == 6


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    write(tmp_path, names=[IMAGES])
    with pytest.raises(FileNotFoundError) as caught:
        mnist(tmp_path, "train")
    message = str(caught.value)
    assert str(tmp_path / LABELS) in message
    assert str(tmp_path / "MNIST" / "raw" / f"{LABELS}.gz") in message
    assert "download=True" in message
    assert IMAGES not in message


@pytest.mark.parametrize("split", ["validation", "Train", 0])
def test_another_split_is_refused(tmp_path, split):
    with pytest.raises(ValueError, match="mnist: split is"):
        mnist(tmp_path, split)


def test_a_root_that_is_no_path_is_refused():
    with pytest.raises(TypeError, match="mnist: root is a int"):
        mnist(3, "train")


def flipped(content, position):
    changed = bytearray(content)
    changed[position] ^= 1
    return bytes(changed)


PLAIN = CONTENTS[IMAGES]
ZIPPED = gzip.compress(PLAIN, mtime=0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "starts with nothing"),
        (b"<html>not found</html>", "starts with 3c68746d"),
        (flipped(PLAIN, 2), "starts with 00000903, an IDX file with 00000803"),
        (flipped(PLAIN, 3), "starts with 00000802"),
        (PLAIN[:10], "ends within its header, after 10 bytes"),
        (flipped(PLAIN, 7), r"shape \(7, 28, 28\), wanted \(6, 28, 28\)"),
        (PLAIN[:4] + b"\xff" * 12 + PLAIN[16:], r"shape \(4294967295, "),
        (PLAIN[:-1], "promises 4704 bytes of values, but there are only 4703"),
        (PLAIN + b"\0", "promises 4704 bytes of values, but there are more"),
        (flipped(PLAIN, 500), f"SHA-256 [0-9a-f]+, wanted {sha256(PLAIN)}"),
        (ZIPPED[:-9], "cut off or broken"),
        (ZIPPED[: len(ZIPPED) // 2], "cut off or broken"),
        (flipped(ZIPPED, len(ZIPPED) - 6), "cut off or broken"),
        (flipped(ZIPPED, 2), "cut off or broken"),
        (ZIPPED[:10] + b"\xff" * 50, "cut off or broken"),
        (ZIPPED[:2], "cut off or broken"),
        (gzip.compress(PLAIN + bytes(10**7), mtime=0), "but there are more"),
        (gzip.compress(ZIPPED, mtime=0), "starts with 1f8b"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_damaged_file_is_a_load_error(tmp_path, content, message, suffix):
    write(tmp_path, names=[LABELS])
    path = tmp_path / f"{IMAGES}{suffix}"
    path.write_bytes(content)
    with pytest.raises(LoadError, match=message) as caught:
        mnist(tmp_path)
    assert str(path) in str(caught.value)
    assert "delete it" in str(caught.value)
    assert path.read_bytes() == content


def test_images_and_labels_cannot_be_mixed_up(tmp_path):
    write(tmp_path)
    (tmp_path / IMAGES).write_bytes(CONTENTS[LABELS])
    with pytest.raises(LoadError, match="starts with 00000801"):
        mnist(tmp_path)


def test_no_more_is_inflated_than_is_wanted(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(PLAIN + bytes(50_000_000), mtime=0))
    tracemalloc.start()
    try:
        with pytest.raises(LoadError, match="more"):
            read_idx(path, mnist_files.FILES["train"][0])
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_download_fetches_what_is_missing(tmp_path, monkeypatch):
    root = tmp_path / "new" / "folder"
    with server(served()) as (address, asked):
        monkeypatch.setattr(mnist_files, "MIRRORS", [address])
        assert len(mnist(root, "train", download=True)) == 6
        assert asked == [f"/{IMAGES}.gz", f"/{LABELS}.gz"]
        assert len(mnist(root, "train", download=True)) == 6
        assert len(asked) == 2
        (root / f"{LABELS}.gz").unlink()
        mnist(root, "train", download=True)
        assert asked[2:] == [f"/{LABELS}.gz"]
    assert names_in(root) == [f"{IMAGES}.gz", f"{LABELS}.gz"]
    assert len(mnist(root, "train")) == 6


def test_the_second_mirror_serves_what_the_first_does_not(tmp_path, monkeypatch):
    files = served(folder="/good/") | {f"/bad/{LABELS}.gz": b"rubbish"}
    with server(files) as (address, asked):
        mirrors = ["http://127.0.0.1:1/", f"{address}bad/", f"{address}good/"]
        monkeypatch.setattr(mnist_files, "MIRRORS", mirrors)
        assert len(mnist(tmp_path, "train", download=True)) == 6
    assert asked == [
        f"/{where}/{name}.gz" for name in (IMAGES, LABELS) for where in ("bad", "good")
    ]
    assert names_in(tmp_path) == [f"{IMAGES}.gz", f"{LABELS}.gz"]


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(flipped(PLAIN, 900), mtime=0),
        ZIPPED[:-20],
        b"",
        gzip.compress(CONTENTS[LABELS], mtime=0),
        bytes(20_000),
    ],
    ids=["flipped", "cut", "empty", "other", "long"],
)
def test_a_download_that_is_not_the_file_leaves_nothing(tmp_path, monkeypatch, content):
    with server({f"/{IMAGES}.gz": content}) as (address, _):
        monkeypatch.setattr(mnist_files, "MIRRORS", [address])
        with pytest.raises(LoadError, match=f"{IMAGES}.*could not be fetched") as caught:
            mnist(tmp_path, "train", download=True)
    assert address in str(caught.value)
    assert names_in(tmp_path) == []


def test_unreachable_mirrors_are_a_connection_error(tmp_path, monkeypatch):
    with server({}) as (address, _):
        monkeypatch.setattr(mnist_files, "MIRRORS", [address, "http://127.0.0.1:1/"])
        with pytest.raises(ConnectionError, match="404") as caught:
            mnist(tmp_path, "train", download=True)
    assert "http://127.0.0.1:1/" in str(caught.value)
    assert names_in(tmp_path) == []


def test_an_interrupted_download_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(path, expected):
        assert path.exists()
        raise KeyboardInterrupt

    with server(served()) as (address, _):
        monkeypatch.setattr(mnist_files, "MIRRORS", [address])
        monkeypatch.setattr(mnist_files, "read_idx", interrupt)
        with pytest.raises(KeyboardInterrupt):
            mnist(tmp_path, "train", download=True)
    assert names_in(tmp_path) == []


def test_a_damaged_file_is_not_replaced_without_asking(tmp_path, monkeypatch):
    write(tmp_path)
    (tmp_path / IMAGES).write_bytes(b"mine")
    with server(served()) as (address, asked):
        monkeypatch.setattr(mnist_files, "MIRRORS", [address])
        with pytest.raises(LoadError, match="delete it"):
            mnist(tmp_path, "train", download=True)
    assert asked == []
    assert (tmp_path / IMAGES).read_bytes() == b"mine"


def test_progress_is_a_bar_with_tqdm_and_lines_without(tmp_path, monkeypatch, capsys):
    with server(served()) as (address, _):
        monkeypatch.setattr(mnist_files, "MIRRORS", [address])
        mnist(tmp_path / "bar", "test", download=True)
        shown = capsys.readouterr()
        assert "100%" in shown.err
        monkeypatch.setitem(sys.modules, "tqdm", None)
        mnist(tmp_path / "lines", "test", download=True)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"downloading {address}t10k-images-idx3-ubyte.gz"
    assert lines[1].strip().startswith("100 % of")
    assert shown.out == ""
