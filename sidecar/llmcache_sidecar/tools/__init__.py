"""Tools for people who run a cache: the console command `llmcache` and what stands behind it.

What may enter: programs that run once and end. What they need beyond the sidecar's own packages (torch,
onnx) is imported when it is used, with a message that names the package.
"""
