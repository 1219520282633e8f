"""Files that PyTorch wrote are loaded, strictly, and compute what PyTorch computes; a file that
minigrad writes has the names, shapes, dtypes and bytes of PyTorch's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from torch_models import MODELS, WORDS, arrays_in, tied

from minigrad import nn
from minigrad.io import load, save

HERE = Path(__file__).parent
each = pytest.mark.parametrize("name", MODELS)


def path_of(name):
    return HERE / f"recorded_{name}.safetensors"


def built(name):
    """The module in the precision in which it computes."""
    return eval(MODELS[name].expression, {"nn": nn}).astype(MODELS[name].precision)


def recorded(name):
    with np.load(HERE / "recorded_torch_outputs.npz") as file:
        return [file[key] for key in file.files if key.rpartition(" ")[0] == name]


def entries(path):
    """{name: (dtype, shape, bytes)} as they stand in the file."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    return {
        name: (e["dtype"], e["shape"], content[start:][slice(*e["data_offsets"])])
        for name, e in header.items()
    }


@each
def test_pytorchs_file_computes_the_same_here(name):
    model, module = MODELS[name], built(name)
    assert module.load_state_dict(load(path_of(name))) == ([], [])
    found = arrays_in(module.eval()(*model.given()))
    wanted = recorded(name)
    assert len(found) == len(wanted) > 0
    tolerance = 1e-12 if model.precision == "float64" else 1e-6
    for y, z in zip(found, wanted):
        assert (y.dtype, y.shape) == (z.dtype, z.shape)
        np.testing.assert_allclose(y.data, z, rtol=0, atol=tolerance * np.abs(z).max())


@each
@pytest.mark.parametrize("suffix", ["safetensors", "npz"])
def test_what_is_written_here_is_what_pytorch_wrote(name, suffix, tmp_path):
    module = built(name)
    module.load_state_dict(load(path_of(name)))
    if MODELS[name].dtype == "float16":
        module.astype(np.float16)
    save(module.state_dict(), tmp_path / f"net.{suffix}")
    if suffix == "npz":
        with np.load(tmp_path / "net.npz") as file:
            save(dict(file), tmp_path / "net.safetensors")
    ours, theirs = entries(tmp_path / "net.safetensors"), entries(path_of(name))
    if MODELS[name].dtype == "bfloat16":  # which NumPy cannot write
        theirs = {k: e for k, e in theirs.items() if e[0] != "BF16"}
        ours = {k: e for k, e in ours.items() if k in theirs}
        assert set(ours) == {f"{i}.num_batches_tracked" for i in (1, 5, 10)}
    assert ours == theirs


@each
def test_a_new_module_writes_the_entries_that_pytorch_wants(name, tmp_path):
    save(built(name).state_dict(), tmp_path / "net.safetensors")
    wide = {"F16": "F32", "BF16": "F32"}
    wanted = {k: (wide.get(dtype, dtype), shape) for k, (dtype, shape, _) in
              entries(path_of(name)).items()}  # fmt: skip
    assert {k: e[:2] for k, e in entries(tmp_path / "net.safetensors").items()} == wanted


def test_counts_of_batches_are_whole_numbers():
    state = load(path_of("cnn_bfloat16"))
    for i in (1, 5, 10):
        count = state[f"{i}.num_batches_tracked"]
        assert (count.dtype, count.shape, count.item()) == (np.int64, (), 3)


@pytest.mark.parametrize(("stored", "read"), [
    ("float64", "float64"), ("float32", "float32"), ("float16", "float16"),
    ("bfloat16", "float32"),
])  # fmt: skip
def test_the_dtype_of_the_file_is_kept(stored, read):
    state = load(path_of("cnn" if stored == "float64" else f"cnn_{stored}"))
    assert {x.dtype.name for x in state.values()} == {read, "int64"}
    if stored == "bfloat16":
        numbers = np.concatenate([x.ravel() for x in state.values() if x.dtype == read])
        assert not (numbers.view(np.uint32) & 0xFFFF).any()


def test_tied_weights_of_pytorch(tmp_path):
    """`safetensors.torch.save_model` writes a shared weight once; so does `save`."""
    model = tied(nn)
    assert model.load_state_dict(load(path_of("tied"))) == ([], [])
    assert model[1].weight is model[0].weight
    np.testing.assert_allclose(model(WORDS).data, recorded("tied")[0], rtol=1e-12)
    save(model.state_dict(), tmp_path / "net.safetensors")
    (ours,), (theirs,) = (e.values() for e in (entries(tmp_path / "net.safetensors"),
                                               entries(path_of("tied"))))  # fmt: skip
    assert ours == theirs
