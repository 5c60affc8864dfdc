"""An ONNX graph, loaded so that it fits beside an event loop."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

import onnxruntime as ort


def open_session(weights: Path, threads: int) -> ort.InferenceSession:
    """Load a graph; `threads` work on one run. Raises what onnxruntime raises."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The arena never gives memory back and makes nothing faster here; spinning threads take the
    # core from the event loop.
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def give_back() -> None:
    """Return to the system what loading a graph and a tokenizer took and no longer needs: some 20 MB
    each, which glibc keeps for later otherwise. Elsewhere it does nothing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
