"""Embedding models: where vectors come from.

What may enter: implementations of `ports.embedder`, and nothing that decides what a vector means.

- `onnx_encoder` runs a folder's ONNX model in the calling thread. `model_folder` reads the folder,
  `tokens` turns a text into token ids (never a cut text), `pooling` token vectors into one.
- `fastembed_encoder` finds models of the hub by name, through fastembed; `bundled` is the model in
  this package.
- `sentence_transformers_encoder` is the reference, on torch.
- `hosted` makes any of these an `Embedder` for the request path: threads, queue, deadline, breaker.
- `endpoint_embedder` is an `Embedder` that asks a server.
- `remembering` stands before either and embeds no text twice.
- `observing` is how both tell what went wrong.
"""
