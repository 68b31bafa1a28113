"""A network in onnxruntime: one thread, and nothing read but the bytes that were given."""

import os

import onnxruntime as ort

_FOLDER_OF_FURTHER_WEIGHTS = "session.model_external_initializers_file_folder_path"
_SLOW_FUSION = "SkipLayerNormFusion"
"""Its operator takes five times as long as the ones that it takes the place of (onnxruntime 1.32)."""


def open_network(network: bytes) -> ort.InferenceSession:
    """Return a session; what onnxruntime raises is of its own kinds."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    options.add_session_config_entry(_FOLDER_OF_FURTHER_WEIGHTS, os.devnull)  # a network whose weights lie elsewhere has no hash
    return ort.InferenceSession(network, options, providers=["CPUExecutionProvider"], disabled_optimizers=[_SLOW_FUSION])
